"""Runs a command; prints its wall and CPU time in ms and its largest resident size in KiB, and on
further lines what it printed, which must not be much."""

import os
import subprocess
import sys
import time

began = time.monotonic()
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
# What wait4 says of memory counts this process's, from before the command was loaded.
memory = 0
while not (waited := os.wait4(child.pid, os.WNOHANG))[0]:
    try:
        with open(f"/proc/{child.pid}/status") as status:
            lines = [line.split() for line in status]
        memory = max([memory, *(int(line[1]) for line in lines if line[0] == "VmHWM:")])
    except FileNotFoundError:
        pass
    time.sleep(0.005)
wall = time.monotonic() - began
_, status, usage = waited
print(round(wall * 1000), round((usage.ru_utime + usage.ru_stime) * 1000), memory)
sys.stdout.flush()
sys.stdout.buffer.write(child.stdout.read())
sys.exit(os.waitstatus_to_exitcode(status))
