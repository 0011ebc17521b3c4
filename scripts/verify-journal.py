#!/usr/bin/env python3
"""Verifies an export of Sanggan's journal (`sanggan journal export FOLDER`) with nothing of Sanggan's own.

    python3 verify-journal.py FOLDER [--key key.pem] [--earlier checkpoint] ...

Checks that the entries give the tiles and the root of the signed head, that the head is signed by the key, and, for each
earlier head you kept, that the journal still begins with what it had then. SM3 (GB/T 32905), SM2 (GB/T 32918.2) and the
tree of RFC 6962 are written out here, so that nothing has to be trusted but this page and Python.

Give --key with a key you got another way than with the export: whoever makes an export can also make a key.
"""

import argparse
import base64
import hashlib
import pathlib
import sys

MASK = 0xFFFFFFFF
IV = (0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E)
TILE = 256


def rotl(x, n):
    n %= 32
    return ((x << n) | (x >> (32 - n))) & MASK


CONSTANTS = tuple(rotl(0x79CC4519 if j < 16 else 0x7A879D8A, j) for j in range(64))


def sm3(data):
    """SM3, GB/T 32905-2016."""
    bits = len(data) * 8
    data = data + b"\x80" + b"\x00" * ((55 - len(data)) % 64) + bits.to_bytes(8, "big")
    v = IV
    for at in range(0, len(data), 64):
        w = [int.from_bytes(data[at + i : at + i + 4], "big") for i in range(0, 64, 4)]
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ rotl(w[j - 3], 15)
            w.append(x ^ rotl(x, 15) ^ rotl(x, 23) ^ rotl(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = v
        for j in range(64):
            a12 = rotl(a, 12)
            ss1 = rotl((a12 + e + CONSTANTS[j]) & MASK, 7)
            ss2 = ss1 ^ a12
            if j < 16:
                ff, gg = a ^ b ^ c, e ^ f ^ g
            else:
                ff, gg = (a & b) | (a & c) | (b & c), (e & f) | (~e & g)
            tt1 = (ff + d + ss2 + (w[j] ^ w[j + 4])) & MASK
            tt2 = (gg + h + ss1 + w[j]) & MASK
            a, b, c, d = tt1, a, rotl(b, 9), c
            e, f, g, h = tt2 ^ rotl(tt2, 9) ^ rotl(tt2, 17), e, rotl(f, 19), g
        v = tuple(x ^ y for x, y in zip(v, (a, b, c, d, e, f, g, h)))
    return b"".join(x.to_bytes(4, "big") for x in v)


def hasher():
    """OpenSSL's SM3 where Python has it and it agrees with ours: some hundred times faster."""
    try:
        quick = lambda data: hashlib.new("sm3", data).digest()
        return quick if quick(b"a" * 200) == sm3(b"a" * 200) else sm3
    except ValueError:
        return sm3


# The curve of GB/T 32918.5.
P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
IDENTITY = b"1234567812345678"


def add(p, q):
    if p is None or q is None:
        return q if p is None else p
    if p[0] == q[0]:
        if (p[1] + q[1]) % P == 0:
            return None
        slope = (3 * p[0] * p[0] + A) * pow(2 * p[1], -1, P) % P
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, P) % P
    x = (slope * slope - p[0] - q[0]) % P
    return x, (slope * (p[0] - x) - p[1]) % P


def times(k, p):
    result = None
    while k:
        if k & 1:
            result = add(result, p)
        p, k = add(p, p), k >> 1
    return result


def b32(number):
    return number.to_bytes(32, "big")


class Wrong(Exception):
    """The export does not verify."""


def der(data, at):
    """Kind, content and end of the DER value at `at`."""
    kind, length, at = data[at], data[at + 1], at + 2
    if length & 0x80:
        wide = length & 0x7F
        length, at = int.from_bytes(data[at : at + wide], "big"), at + wide
    if at + length > len(data):
        raise Wrong("a DER value is cut off")
    return kind, data[at : at + length], at + length


def read_key(pem):
    """The point of a public key in PEM (SubjectPublicKeyInfo)."""
    body = "".join(line for line in pem.splitlines() if line and not line.startswith("-----"))
    _, whole, _ = der(base64.b64decode(body), 0)
    _, _, at = der(whole, 0)
    _, bits, _ = der(whole, at)
    point = bits[1:]
    x = int.from_bytes(point[1:33], "big")
    if point[0] == 4:
        y = int.from_bytes(point[33:65], "big")
    else:
        y = pow((x * x * x + A * x + B) % P, (P + 1) // 4, P)
        y = y if y & 1 == point[0] & 1 else P - y
    if (y * y - (x * x * x + A * x + B)) % P:
        raise Wrong("the key is no point of the curve")
    return x, y


def verify_sm2(key, message, signature):
    """Whether the DER signature is the key's over the message."""
    _, pair, _ = der(signature, 0)
    _, r, at = der(pair, 0)
    _, s, _ = der(pair, at)
    r, s = int.from_bytes(r, "big"), int.from_bytes(s, "big")
    if not (0 < r < N and 0 < s < N):
        return False
    z = sm3((len(IDENTITY) * 8).to_bytes(2, "big") + IDENTITY + b"".join(map(b32, (A, B, *G, *key))))
    e = int.from_bytes(sm3(z + message), "big")
    t = (r + s) % N
    if t == 0:
        return False
    point = add(times(s, G), times(t, key))
    return point is not None and (e + point[0]) % N == r


def read_note(text, key):
    """Origin, size and root of a signed head; its signature must be the key's."""
    body, _, signatures = text.partition("\n\n")
    lines = body.split("\n")
    if len(lines) < 3 or not signatures:
        raise Wrong("the head is no signed note")
    x, y = key
    compressed = bytes([2 + (y & 1)]) + b32(x)
    ids = [sm3(lines[0].encode() + b"\n\xffSM2-SM3" + p)[:4] for p in (b"\x04" + b32(x) + b32(y), compressed)]
    for line in signatures.splitlines():
        dash, name, blob = line.split(" ")
        blob = base64.b64decode(blob)
        if dash == "—" and name == lines[0] and blob[:4] in ids:
            if verify_sm2(key, (body + "\n").encode(), blob[4:]):
                return lines[0], int(lines[1]), base64.b64decode(lines[2])
            raise Wrong("the signature of the head is wrong")
    raise Wrong("the head is not signed with this key")


def node(left, right):
    return sm3(b"\x01" + left + right)


def root(hashes):
    """The root of the tree of RFC 6962 over these hashes."""
    if not hashes:
        return sm3(b"")
    while len(hashes) > 1:
        paired = [node(hashes[i], hashes[i + 1]) for i in range(0, len(hashes) - 1, 2)]
        hashes = paired + hashes[len(hashes) & ~1 :]
    return hashes[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, help="what `sanggan journal export` wrote")
    parser.add_argument("--key", type=pathlib.Path, help="the public key, if you have it from elsewhere (better)")
    parser.add_argument("--earlier", type=pathlib.Path, action="append", default=[], help="a head you kept; repeatable")
    given = parser.parse_args()
    key = read_key((given.key or given.folder / "key.pem").read_text())
    origin, size, signed = read_note((given.folder / "checkpoint").read_text(encoding="utf-8"), key)

    digest, leaves = hasher(), []
    with open(given.folder / "entries.jsonl", "rb") as entries:
        for line in entries:
            entry = line.rstrip(b"\n")
            wanted = b'{"seq":%d,' % (len(leaves) + 1)
            if not entry.startswith(wanted):
                raise Wrong(f"entry {len(leaves) + 1} is missing or has another number")
            leaves.append(digest(b"\x00" + entry))
    # Tiles say which entry differs; the head says that one does.
    level, row = 0, leaves
    while row:
        above = []
        for index in range(0, len(row), TILE):
            ours = row[index : index + TILE]
            path = given.folder / "tile" / str(level) / str(index // TILE)
            kept = path.read_bytes() if path.exists() else b""
            if kept != b"".join(ours):
                first = next((i for i, h in enumerate(ours) if kept[i * 32 : i * 32 + 32] != h), 0)
                what = f"entry {index + first + 1}" if level == 0 else f"tile {level}/{index // TILE}"
                raise Wrong(f"{what} is not what was written: its hash is another")
            if len(ours) == TILE:
                above.append(root(ours))
        level, row = level + 1, above
    if len(leaves) != size:
        raise Wrong(f"the head is over {size} entries, the export has {len(leaves)}")
    if root(leaves) != signed:
        raise Wrong("the entries do not give the root that was signed")
    for path in given.earlier:
        name, before, then = read_note(path.read_text(encoding="utf-8"), key)
        if name != origin:
            raise Wrong(f"{path} is the head of another journal: {name}")
        if before > size:
            raise Wrong(f"{path} is over {before} entries, now there are {size}: entries were removed")
        if root(leaves[:before]) != then:
            raise Wrong(f"the first {before} entries are not those of {path}: the journal was written anew")
        print(f"the first {before} entries are those of {path}")
    print(f"{size} entries of {origin} are as they were written and signed")
    print(f"root {signed.hex()}")


if __name__ == "__main__":
    if sm3(b"abc").hex() != "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0":
        sys.exit("SM3 does not work here")
    try:
        main()
    except (Wrong, OSError, ValueError, IndexError) as error:
        sys.exit(f"NOT verified: {error}")
