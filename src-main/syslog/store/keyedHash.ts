/** Bytes of a key. */
export const hashKeyBytes = 8;

const rotate = (value: number, bits: number) => (value << bits) | (value >>> (32 - bits));

/**
 * HalfSipHash-1-3 with 64 bits of output. Log writers choose the words that are hashed, so the hash needs a secret key:
 * otherwise they could make words collide. The result stands in `low` and `high`, so that a call allocates nothing.
 */
export class KeyedHash {
  low = 0;
  high = 0;
  readonly #key0: number;
  readonly #key1: number;
  #v0 = 0;
  #v1 = 0;
  #v2 = 0;
  #v3 = 0;

  constructor(key: Buffer) {
    this.#key0 = key.readInt32LE(0);
    this.#key1 = key.readInt32LE(4);
  }

  #round(): void {
    let v0 = (this.#v0 + this.#v1) | 0;
    let v1 = rotate(this.#v1, 5) ^ v0;
    v0 = rotate(v0, 16);
    let v2 = (this.#v2 + this.#v3) | 0;
    let v3 = rotate(this.#v3, 8) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = rotate(v3, 7) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = rotate(v1, 13) ^ v2;
    v2 = rotate(v2, 16);
    this.#v0 = v0;
    this.#v1 = v1;
    this.#v2 = v2;
    this.#v3 = v3;
  }

  /** Hashes the bytes from `from` to before `to` into `low` and `high`, two signed 32-bit numbers. */
  hash(bytes: Uint8Array, from: number, to: number): void {
    this.#v0 = this.#key0;
    this.#v1 = this.#key1 ^ 0xee;
    this.#v2 = this.#key0 ^ 0x6c796765;
    this.#v3 = this.#key1 ^ 0x74656462;
    let at = from;
    for (; at + 4 <= to; at += 4) {
      const four =
        (bytes[at] ?? 0) |
        ((bytes[at + 1] ?? 0) << 8) |
        ((bytes[at + 2] ?? 0) << 16) |
        ((bytes[at + 3] ?? 0) << 24);
      this.#mix(four);
    }
    let rest = (to - from) << 24;
    for (let shift = 0; at < to; at += 1, shift += 8) rest |= (bytes[at] ?? 0) << shift;
    this.#mix(rest);
    this.#v2 ^= 0xee;
    this.low = this.#finish();
    this.#v1 ^= 0xdd;
    this.high = this.#finish();
  }

  #mix(four: number): void {
    this.#v3 ^= four;
    this.#round();
    this.#v0 ^= four;
  }

  #finish(): number {
    this.#round();
    this.#round();
    this.#round();
    return this.#v1 ^ this.#v3;
  }
}
