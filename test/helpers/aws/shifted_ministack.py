"""
ministack with a clock that a test sets forward: the first argument is a file whose 8 bytes are an offset in seconds.

One answer is mended: SQS refuses to change the visibility of a message that is visible again (MessageNotInflight),
where ministack obeys. Without this, a worker that is late would close a group that is in other hands.
"""

import mmap
import runpy
import struct
import sys
import time

real_time = time.time
with open(sys.argv.pop(1), "rb") as file:
    offset = mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ)

time.time = lambda: real_time() + struct.unpack_from("<d", offset)[0]

from ministack.services import sqs  # noqa: E402 (it must see the shifted clock)

change_visibility = sqs._HANDLERS["ChangeMessageVisibility"]


def change_visibility_in_flight(data, url):
    queue = sqs._get_q(data.get("QueueUrl", url), "sqs:ChangeMessageVisibility")
    for message in queue["messages"]:
        if message["receipt_handle"] == data.get("ReceiptHandle") and message["visible_at"] <= time.time():
            raise sqs._Err("MessageNotInflight", "The specified message isn't in flight.")
    return change_visibility(data, url)


sqs._HANDLERS["ChangeMessageVisibility"] = change_visibility_in_flight
runpy.run_module("ministack", run_name="__main__")
