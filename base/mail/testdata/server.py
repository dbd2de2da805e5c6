"""An SMTP server for the tests: prints its port, stores each message in the
folder given as argument, refuses finns-inte@ for good and senare@ once."""

import asyncio
import os
import sys

from aiosmtpd.smtp import SMTP


class Keeper:
    def __init__(self, folder):
        self.folder, self.n, self.put_off = folder, 0, set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("finns-inte@"):
            return "550 5.1.1 no such person as " + address
        if address.startswith("senare@") and address not in self.put_off:
            self.put_off.add(address)
            return "451 4.3.2 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.n += 1
        name = os.path.join(self.folder, "%03d.eml" % self.n)
        with open(name + ".part", "wb") as f:
            f.write(b"X-Envelope-To: " + ",".join(envelope.rcpt_tos).encode() + b"\r\n" + envelope.content)
        os.rename(name + ".part", name)
        return "250 OK"


async def main():
    keeper = Keeper(sys.argv[1])
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(keeper, enable_SMTPUTF8=True), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)  # until the test is gone


asyncio.run(main())
