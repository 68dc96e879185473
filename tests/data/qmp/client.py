"""Uses a QMP server through QEMU's own Python library, and says what it saw.

usage: client.py SOCKET
"""

import asyncio
import os
import sys

from qemu.qmp import ExecuteError, QMPClient


async def refusal(machine: QMPClient, name: str, arguments=None, oob=False) -> None:
    try:
        await machine.execute(name, arguments, oob=oob)
    except ExecuteError as error:
        print("refusal", error.error_class, error)


async def main(socket: str) -> None:
    machine = QMPClient("machine")
    await machine.connect(socket)
    print("greeting", machine.greeting.QMP.version["package"], machine.greeting.QMP.capabilities)
    print("status", (await machine.execute("query-status"))["status"])
    # The library compares the `id` of each answer with those of its requests.
    names = await asyncio.gather(*(machine.execute("query-name") for _ in range(100)))
    print("names", len(names), all(name == {} for name in names))
    print("id", (await machine.execute_msg(machine.make_execute_msg("query-name"))))
    await refusal(machine, "nope")
    await refusal(machine, "set_link", {"name": "net9", "up": True})
    await refusal(machine, "set_link", {"name": "net9"})
    await refusal(machine, "set_link", {"name": "net9", "up": 1})
    await refusal(machine, "query-status", {"x": 1})
    await refusal(machine, "qmp_capabilities")
    await refusal(machine, "query-status", oob=True)
    await refusal(machine, "migrate-recover", {"uri": "tcp:x:1"}, oob=True)
    await refusal(machine, "getfd", {"fdname": "none"})
    reader, writer = os.pipe()
    machine.send_fd_scm(reader)
    os.close(reader)
    os.close(writer)
    print("getfd", await machine.execute("getfd", {"fdname": "pipe"}))
    with machine.listener("POWERDOWN") as powerdowns:
        await machine.execute("system_powerdown")
        event = await powerdowns.get()
        print("event", event["event"], sorted(event["timestamp"]))
    await machine.disconnect()


asyncio.run(main(sys.argv[1]))
