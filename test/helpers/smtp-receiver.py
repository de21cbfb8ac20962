"""A mail server on loopback: prints its port, then each mail as a line of JSON. Refuses every second mail if told to."""
import asyncio
import json
import sys

from aiosmtpd.smtp import SMTP


class Handler:
    def __init__(self, refuses):
        self.refuses = refuses
        self.count = 0

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        if self.refuses and self.count % 2 == 1:
            return "451 try again"
        print(json.dumps({"to": envelope.rcpt_tos, "mail": envelope.content.decode()}), flush=True)
        return "250 taken"


async def main():
    loop = asyncio.get_running_loop()
    handler = Handler(sys.argv[1] == "refuses")
    server = await loop.create_server(lambda: SMTP(handler), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
