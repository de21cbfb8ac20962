"""
ministack with a clock that a test sets forward: the first argument is a file whose 8 bytes are an offset in seconds.

One answer is mended: SQS refuses to change the visibility of a message that is visible again (MessageNotInflight),
where ministack obeys. Without this, a worker that is late would close a group that is in other hands.

Another is added to: EC2 gives an interface a public address and its tags. Here the address is one of this machine's own
(127.0.0.0/8), and so are elastic addresses, so that what the account has can be scanned.
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

from ministack.services import ec2  # noqa: E402

interface_fields, random_ip = ec2._eni_fields_xml, ec2._random_ip


def fields_with_public_address(eni, tag="item"):
    public = "127." + eni["PrivateIpAddress"].split(".", 1)[1]
    more = f"<association><publicIp>{public}</publicIp></association>{ec2._tag_set_xml(eni['NetworkInterfaceId'])}"
    return interface_fields(eni, tag).rstrip().removesuffix(f"</{tag}>") + f"{more}</{tag}>"


ec2._eni_fields_xml = fields_with_public_address
ec2._random_ip = lambda prefix: random_ip("127." if prefix == "52." else prefix)
runpy.run_module("ministack", run_name="__main__")
