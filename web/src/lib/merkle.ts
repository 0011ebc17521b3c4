/** Whether hashes lead from a leaf to a root (RFC 9162 2.1.3.2), worked out here and not by the server. SM3 for the hash. */

const rotl = (x: number, n: number): number => ((x << (n & 31)) | (x >>> ((32 - n) & 31))) >>> 0

/** SM3 (GB/T 32905). */
export function sm3(data: Uint8Array): Uint8Array {
  const bits = data.length * 8
  const padded = new Uint8Array(((data.length + 9 + 63) >> 6) << 6)
  padded.set(data)
  padded[data.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, Math.floor(bits / 2 ** 32))
  view.setUint32(padded.length - 4, bits >>> 0)
  const v = new Uint32Array([0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e])
  const w = new Uint32Array(68)
  const at = (list: Uint32Array, i: number): number => list[i] as number
  for (let block = 0; block < padded.length; block += 64) {
    for (let j = 0; j < 16; j++) w[j] = view.getUint32(block + j * 4)
    for (let j = 16; j < 68; j++) {
      const x = at(w, j - 16) ^ at(w, j - 9) ^ rotl(at(w, j - 3), 15)
      w[j] = x ^ rotl(x, 15) ^ rotl(x, 23) ^ rotl(at(w, j - 13), 7) ^ at(w, j - 6)
    }
    let [a, b, c, d, e, f, g, h] = v as unknown as [number, number, number, number, number, number, number, number]
    for (let j = 0; j < 64; j++) {
      const a12 = rotl(a, 12)
      const ss1 = rotl((a12 + e + rotl(j < 16 ? 0x79cc4519 : 0x7a879d8a, j)) >>> 0, 7)
      const ss2 = (ss1 ^ a12) >>> 0
      const ff = j < 16 ? a ^ b ^ c : (a & b) | (a & c) | (b & c)
      const gg = j < 16 ? e ^ f ^ g : (e & f) | (~e & g)
      const tt1 = ((ff >>> 0) + d + ss2 + ((at(w, j) ^ at(w, j + 4)) >>> 0)) >>> 0
      const tt2 = ((gg >>> 0) + h + ss1 + at(w, j)) >>> 0
      ;[d, c, b, a] = [c, rotl(b, 9), a, tt1]
      ;[h, g, f, e] = [g, rotl(f, 19), e, (tt2 ^ rotl(tt2, 9) ^ rotl(tt2, 17)) >>> 0]
    }
    ;[a, b, c, d, e, f, g, h].forEach((x, i) => (v[i] = at(v, i) ^ x))
  }
  const out = new DataView(new ArrayBuffer(32))
  v.forEach((x, i) => out.setUint32(i * 4, x))
  return new Uint8Array(out.buffer)
}

export const hex = (bytes: Uint8Array): string => [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('')
const unhex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16))

function join(prefix: number, ...parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(1 + parts.reduce((n, part) => n + part.length, 0))
  all[0] = prefix
  let at = 1
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** The leaf of an entry's bytes. */
export const leafOf = (bytes: string): string => hex(sm3(join(0, new TextEncoder().encode(bytes))))

/** Whether entry `seq` with this leaf is in the tree of `size` entries with this root. */
export function isIncluded(leaf: string, seq: number, size: number, proof: readonly string[], root: string): boolean {
  if (seq < 1 || seq > size) return false
  let [fn, sn, r] = [seq - 1, size - 1, unhex(leaf)]
  for (const text of proof) {
    if (sn === 0) return false
    const p = unhex(text)
    if (fn % 2 === 1 || fn === sn) {
      r = sm3(join(1, p, r))
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)]
    } else r = sm3(join(1, r, p))
    ;[fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]
  }
  return sn === 0 && hex(r) === root
}

/** Size and root (hexadecimal) that a signed head names. */
export function readHead(note: string): { size: number; root: string } {
  const [, size, root] = note.split('\n')
  return { size: Number(size), root: hex(Uint8Array.from(atob(root ?? ''), (c) => c.charCodeAt(0))) }
}
