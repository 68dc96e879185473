"""The emulator of a domain whose monitor is recorded.

libvirt hands the emulator a socket that listens already. QEMU gets another one in its place; between the two stand
`qapi record` and a relay. Everything else goes to QEMU as it is, as does libvirt's question for its capabilities.

The test puts EMULATOR, QAPI and FOLDER in front of this.
"""

import os
import re
import socket
import subprocess
import sys
import threading
import time


def connect(path):
    """Connects as soon as somebody listens."""
    while True:
        try:
            stream = socket.socket(socket.AF_UNIX)
            stream.connect(path)
            return stream
        except OSError:
            stream.close()
            time.sleep(0.01)


def copy(source, target):
    """Hands on bytes and descriptors until the source has no more."""
    while True:
        data, descriptors, _, _ = socket.recv_fds(source, 1 << 16, 16)
        if not data:
            break
        while data:
            sent = socket.send_fds(target, [data], descriptors)
            data, to_close, descriptors = data[sent:], descriptors, []
            for descriptor in to_close:
                os.close(descriptor)
    target.shutdown(socket.SHUT_WR)


def relay(listener):
    """Stands between libvirt and the recorder, which stands before QEMU."""
    real, recorded = FOLDER + "/real", FOLDER + "/recorded"
    connect(real).close()
    subprocess.Popen([QAPI, "record", real, recorded, "--once", "-o", FOLDER + "/recording.jsonl"])
    far = connect(recorded)
    near, _ = listener.accept()
    back = threading.Thread(target=copy, args=(far, near))
    back.start()
    try:
        copy(near, far)
    except OSError:
        pass
    back.join()


def main():
    arguments = sys.argv[1:]
    pattern = re.compile(r"socket,id=charmonitor,fd=(\d+),server=on,wait=off")
    for index, argument in enumerate(arguments):
        found = pattern.fullmatch(argument)
        if not found:
            continue
        number = int(found[1])
        if os.fork() == 0:
            os.setsid()
            relay(socket.socket(fileno=number))
            return
        os.close(number)
        arguments[index] = f"socket,id=charmonitor,path={FOLDER}/real,server=on,wait=off"
    os.execv(EMULATOR, [EMULATOR, *arguments])


main()
