"""A mail server on this machine (aiosmtpd): prints its port, then each letter it takes as a line of JSON, until its input ends."""

import asyncio
import json
import sys
from email import message_from_bytes
from email.policy import default

from aiosmtpd.smtp import SMTP


class Tells:
    async def handle_DATA(self, server, session, envelope):
        letter = message_from_bytes(envelope.content, policy=default)
        head = "".join(f"{name}: {value}\n" for name, value in letter.items())
        told = {"to": " ".join(envelope.rcpt_tos), "letter": f"{head}\n{letter.get_content()}"}
        print(json.dumps(told), flush=True)
        return "250 taken"


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Tells(), hostname="localhost"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
