"""Talks to a guest agent with the Python that the example of a back end makes of its schema."""

from __future__ import annotations

import base64
import json
import socket
import sys
from typing import Any

from schema import (
    Client,
    GuestFileCloseArg,
    GuestFileOpenArg,
    GuestFileReadArg,
    GuestFileSeekArg,
    GuestFileWriteArg,
    GuestFsfreezeStatus,
    GuestAgentInfo,
    GuestSyncArg,
)


class AgentError(Exception):
    """The agent answers with an error."""


class Socket:
    """A connection to an agent: a request per line, and a reply per line."""

    def __init__(self, path: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.lines = self.socket.makefile("r", encoding="utf-8")

    def execute(self, command: str, arguments: dict[str, Any], replies: bool) -> Any:
        request = json.dumps({"execute": command, "arguments": arguments})
        self.socket.sendall(request.encode() + b"\n")
        if not replies:
            return None
        reply = json.loads(self.lines.readline())
        if "error" in reply:
            raise AgentError(reply["error"]["desc"])
        return reply["return"]


def main(path: str, file: str) -> None:
    agent = Client(Socket(path))
    assert agent.guest_sync(GuestSyncArg(id=4711)) == 4711
    agent.guest_ping()

    # A struct with a list of structs and optional members.
    info: GuestAgentInfo = agent.guest_info()
    names = [command.name for command in info.supported_commands if command.enabled]
    print("commands", "guest-info" in names)

    # Arguments that may be absent, and alternates: one by name, one by number.
    handle = agent.guest_file_open(GuestFileOpenArg(path=file, mode="w+"))
    content = base64.b64encode("Grüße".encode()).decode()
    print("written", agent.guest_file_write(GuestFileWriteArg(handle=handle, buf_b64=content)).count)
    print("position", agent.guest_file_seek(GuestFileSeekArg(handle=handle, offset=0, whence="set")).position)
    read = agent.guest_file_read(GuestFileReadArg(handle=handle))
    print("read", base64.b64decode(read.buf_b64).decode(), read.count, read.eof)
    print("position", agent.guest_file_seek(GuestFileSeekArg(handle=handle, offset=2, whence=0)).position)
    agent.guest_file_close(GuestFileCloseArg(handle=handle))

    # An enumeration as a reply.
    status: GuestFsfreezeStatus = agent.guest_fsfreeze_status()
    print("frozen" if status == "frozen" else status)

    # Enumerations in structs in lists.
    for interface in agent.guest_network_get_interfaces():
        for address in interface.ip_addresses or []:
            if interface.name == "lo" and address.ip_address_type == "ipv4":
                print("loopback", address.ip_address, address.prefix)

    # A union: the discriminator tells type checkers which branch it is.
    for processor in agent.guest_get_cpustats():
        if processor.type == "linux":
            print("processor", processor.cpu >= 0, processor.user >= 0, type(processor).__name__)
            break

    try:
        agent.guest_file_close(GuestFileCloseArg(handle=-1))
    except AgentError as error:
        print("error", error)


main(*sys.argv[1:])
