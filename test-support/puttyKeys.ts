/** Keys that PuTTYgen 0.78 wrote, by type, format and whether they have a passphrase, which is `sesame`. */
export const puttyPassphrase = 'sesame';

export const puttyKeys = {
  'ed25519 format 3 encrypted': `PuTTY-User-Key-File-3: ssh-ed25519
Encryption: aes256-cbc
Comment: ops@kiln
Public-Lines: 2
AAAAC3NzaC1lZDI1NTE5AAAAIO5UAxU6ULloIX6vdweIEWzRTnRM3FTKEwQ8QxrK
RHbw
Key-Derivation: Argon2id
Argon2-Memory: 8192
Argon2-Passes: 8
Argon2-Parallelism: 1
Argon2-Salt: b08bca53d6104e1784ec01cbf989daad
Private-Lines: 1
iwgYpHFBFimvmoemobDLYkaG10efjqmfjuneEI/wwdgL8yFUJk2L9gELvpL5b50B
Private-MAC: 10d49a4fc294ea55d34cd0ddfcdf22501a88ea960c344d6d66bc60d4f41c5d4a
`,
  'ed25519 format 3': `PuTTY-User-Key-File-3: ssh-ed25519
Encryption: none
Comment: ops@kiln
Public-Lines: 2
AAAAC3NzaC1lZDI1NTE5AAAAIN/C7L2nzdnEPTS5FVGvO2B/2Anmza17JNrCZ9t0
pmxM
Private-Lines: 1
AAAAIGqdaERyPbF9jmTvQtLb3WXrq1f4kNwMZMQX9sIl0MpQ
Private-MAC: ad7aec95be28ccaa426e767d56060dd78c49a79fa9de5e880a253da395ad4723
`,
  'ecdsa format 3 encrypted': `PuTTY-User-Key-File-3: ecdsa-sha2-nistp256
Encryption: aes256-cbc
Comment: ops@kiln
Public-Lines: 3
AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBFjbqQLprd0H
lmvZpdrTJQKA14jdR1zns37aIff6cufodiPcIWX27iWlaq//G/yAsivvYHvcCjcR
WD/rI1FByXM=
Key-Derivation: Argon2id
Argon2-Memory: 8192
Argon2-Passes: 8
Argon2-Parallelism: 1
Argon2-Salt: ca2da983a9d86a27b3d07d623f268a92
Private-Lines: 1
tMMyyYshM9fXl/ftHv+6dcd8D2AJMWje17INDCydCSa9GUVWlHA1HQyIYZxNwnBf
Private-MAC: e3bd98b83e4075f8c7edc1983ec5362b3da0834382e0d93ed4614b6c2cc7dccc
`,
  'ed25519 format 2 encrypted': `PuTTY-User-Key-File-2: ssh-ed25519
Encryption: aes256-cbc
Comment: ops@kiln
Public-Lines: 2
AAAAC3NzaC1lZDI1NTE5AAAAIMRPgBoPm2fbc/YW1hfUEnw60kzo4Y9Kdve4LYSL
Z9pP
Private-Lines: 1
db4D7NmOWeReZHA3UaRk3L9/TPU8kHHx8Q/kCUjIHy+ezgUHmVJHJuw45HWJPI0G
Private-MAC: 3d09d06db7667ef2b13ce4f00691284a3b42cf89
`,
  'rsa format 2 encrypted': `PuTTY-User-Key-File-2: ssh-rsa
Encryption: aes256-cbc
Comment: ops@kiln
Public-Lines: 6
AAAAB3NzaC1yc2EAAAADAQABAAABAQCEcXz68ofynL/xepUdDqpp3rAz4WbcGn+7
qnI/Jky5gGhS69VkHWz5f4tnURC9+9uUxqhnw+7iCJ7Lk78WQ+duXH+Hfol2R2nX
Q7D8lzV5XtIgIPOaYbnb0EeUoQuRIHsogK3J4FvHyPNsoMd5q2hLzYiHaj+cuJhF
1uglZwcwfmPJ8Nglia2yXj4OTIrdNzuzR4MZ3rZB+BBOO7I4kazcJMV5tW53AtIS
mFeQJlcd2lj/RAmM0KLCOpPRnSgMDa9A7XrnbJXRcWbHYGi4GxONaZU2yaNC3bV/
ZVFXAETA/uFPZb4HNHOajfNVveeJpJ1lQmbw1Qhq36dHBxoiyTN1
Private-Lines: 14
jZEUCaF1r5e2/1yAkF/zGTSn2Xyd6ZAwJPgcj2Hfla4ny+IyE0TmIaYCAZT0msU8
YqDIyj/ZyieVcIpwdGvV0llMKvLNPGmslGh3iZV47aJVPqWmbe8AhkV+d62qzpgt
QehcPz9SWVC25UhEaSH/9ygXIr8lTB4xvHJ4aKv5m1A5WxhUCkzboE9RZASewegm
duT4wPVE6kI70eAEEC/8yH+xgHDtS9I5jbPePq0vY3Kqoc3wHU4d272SOJLW+jXT
t+gIVBrCGDTXYSa6L3YPheLNV/UIGB/ssZcXYKxKn1YGgqo5KMGt/O1h2hZbmBiw
XLjZOlOZgShwm7XKtrcxLId+SC2xTLf/w64CrvYYGrYgzWu1KdwrypetQESOze2a
5K01IdhXaUdsClS622pksH943asz+fleAN3u/IiOxkJ63SVjdN/Yb2Hdkqa35BEz
GdIZCoyCkSxNObhcakRXVUYzWYpZufx2jfIWv4T4xoIXFs2b/TA2kG99UibrxATa
z9RmrohbT7xj2fMWRBD+DtF8AF4yv52sdprnkfT6d67J6sdKJuDzu5s7DUTA77AC
6ciXGASb5+nQXMgvEUWHVoqCUAGA4WYa45UJjJI6shRfi+ek0k+n9zfUz5tqlYFS
OYb8qYQtzraCSwSD0jyQsphAFKqhN45WLSpayB3WM0zgpAOq7zFdbtM6+UMP7kRT
kXuHmAfQ+gkc1qoJtWQFXjKSYeKFRqBgOS/DPLbeJQckyJWm0YfiE4PeEObAzYhY
vRKyQ95feRoOyOdRT7+CIaiSCa7yWIy4aGOizDsJ4F/gyviguV5cyYuyA40Dnpma
9xQnLAJNCXrK/AwWyxqfsP5Kom/OYA1XeeEcdNBM7iEBI7RbKyBvMK/XUrmMdnLi
Private-MAC: a0a094cecff210d6e29243a7aa03f7413240d255
`,
  'rsa format 2': `PuTTY-User-Key-File-2: ssh-rsa
Encryption: none
Comment: ops@kiln
Public-Lines: 6
AAAAB3NzaC1yc2EAAAADAQABAAABAQDk0RmCtc02dKka/ySCQpkT0WGsUN9KdsNB
7B39fZNCgsNrrAyRfvtppEsw8BnAOpIaPBS+/7nzwfJ6CIdyvKLNzZNhNXh8YxX1
nhftKD6J/+W1nsb/0FETCLxrWNA4M71Hz4yq6STYplYGO/r/MtGdIKafaZURAhiP
XwQdfyW/NLMtuoyJc9kvJPMqMHwIv/8nBwDJDpWKFSWLP1D+T3wu0nXlH7FtABD+
v6+gWIRSUgNCyiQMPpIZA5y34fdUU7c/u9gVN0GU1FRD4L2Mctwr22tH7+BlV1jV
7LPuWyjOOezAsTxQ+t0iFOmpc/J1BuTVj2b8B3tJWSCRwGbB+x4/
Private-Lines: 14
AAABAQDPWuYhW5syJBozCtAM80lBeldnDoqrMmDT1qN+2lOezF1Hr8xb9ZTkMSyq
lorfdrR77cJnK9tZmIKiMCR+x49JrWhHiWs8XZbC1JeeJQA3kpyaL97qZ99wvlPx
e7SFme2HrAAvycPISURfte9JYMYv/CzC/a1Gkn2rP1G9YUHVuLdPJ3ZhapFNWdVH
nu5WNn+dZUDzLmdcPyAIU6mLXyNuANReyESWCNiT4UtiftRa2MWvgxhrB5LGMc0I
9ZZC4BdEN23usIeNvsa1TGqX8NOvxwtTxJFCwt5lijAPJwoDdW4pouL/aTWJ8Orn
JiOtC3KVN4Gy6SY7A0L9fzHhvwwBAAAAgQD60A4QrP/m7S/mRMA9dNFKqd8xYOq2
ZVmGPgjQuPdq1gHKnN9QZKTXJUSLh6s64S2Q4pxra+l1nACB4Fjdm8R3FLjhiCdv
1mjjuW/TTXiSM+pLF+EYlM21q4QZhoX5ZHxsW+EOJIywGYLiG1r1qtmoGBo3wMW0
wUhWax8mttnjAQAAAIEA6YyV98RGjcNjQh2sFTWfup5twmMiVbR8U2naZSLdo0Tz
hadAfmuWFl7+o9WYnDABicNgeSQPoroC/wBjP8WebEe+B3KX6Lexo2d8nTmBgILH
lchzhVdTe+dplnFarRH/kNRUZclFXmRql/BfTiQN4DDkbPkfKn22xyouUWS5QT8A
AACBAJq6FiwlDuwU3hIbc6jOwsUSSpTUTG8ZDw37/8LN9vsmy1MM984sXviGSinT
8RKtAP4nT/DdHzrgGeObVaqk9q4AjaWS7JkqAsEsraEEF8ct80+ex8FbVvUyRGrw
M5gIa83tmcCFPBI1ThOVH+Qr9Y/mG50dEc73HyQmRT9N48rv
Private-MAC: fea66a0dc92b70761d8801bbffeeab57a6539d92
`,
} as const;
