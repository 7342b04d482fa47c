"""Serve a folder by SFTP: `sftp_store.py FOLDER PORT USER PASSWORD`, with .venv-servers."""

import asyncio
import sys

import asyncssh

FOLDER, PORT, USER, PASSWORD = sys.argv[1:]


class Login(asyncssh.SSHServer):
    """One user with a password."""

    def password_auth_supported(self):
        return True

    def validate_password(self, username, password):
        return (username, password) == (USER, PASSWORD)


class Files(asyncssh.SFTPServer):
    """Nothing but the folder."""

    def __init__(self, channel):
        super().__init__(channel, chroot=FOLDER)


async def serve():
    key = asyncssh.generate_private_key("ssh-ed25519")
    await asyncssh.listen(
        "127.0.0.1", int(PORT), server_host_keys=[key], server_factory=Login, sftp_factory=Files
    )
    await asyncio.Event().wait()


asyncio.run(serve())
