"""Uses a guest agent through QEMU's own Python library, as its command-line client does.

usage: qmp_client.py SOCKET FILE
"""

import asyncio
import base64
import random
import sys

from qemu.qmp import ExecuteError, QMPClient


async def synchronise(agent: QMPClient) -> None:
    """Asks until the answer is the one to the question."""
    wanted = random.getrandbits(32)
    while await agent.execute("guest-sync", {"id": wanted}) != wanted:
        pass


async def content(agent: QMPClient, path: str) -> bytes:
    """Reads a file in small pieces up to its end."""
    handle = await agent.execute("guest-file-open", {"path": path, "mode": "r"})
    pieces = []
    while True:
        piece = await agent.execute("guest-file-read", {"handle": handle, "count": 1024})
        pieces.append(base64.b64decode(piece["buf-b64"]))
        if piece["eof"]:
            break
    await agent.execute("guest-file-close", {"handle": handle})
    return b"".join(pieces)


async def main(socket: str, path: str) -> None:
    agent = QMPClient("guest agent")
    # An agent neither greets nor negotiates.
    agent.await_greeting = False
    agent.negotiate = False
    await agent.connect(socket)
    await agent.execute("guest-ping")
    await synchronise(agent)
    information = await agent.execute("guest-info")
    print("version", information["version"])
    enabled = [command["name"] for command in information["supported_commands"] if command["enabled"]]
    print("commands", len(enabled))
    for interface in await agent.execute("guest-network-get-interfaces"):
        print("interface", interface["name"], interface["hardware-address"])
    data = await content(agent, path)
    print("content", len(data), sum(data))
    print("status", await agent.execute("guest-fsfreeze-status"))
    try:
        await agent.execute("guest-file-read", {"handle": -1})
    except ExecuteError as error:
        print("error", error.error_class, error)
    await agent.disconnect()


asyncio.run(main(*sys.argv[1:]))
