/** A complete packet connection: kv spec 2.9, V5. Sender 10.0.0.7:7946; the payload is bytes 15-127. */
export const v5 = new Uint8Array(
  Buffer.from(
    `
    01 0d 31 30 2e 30 2e 30 2e 37 3a 37 39 34 36 f4
    04 70 72 6f 64 0c c4 42 85 ef 08 0a 0f 63 6f 6c
    6c 65 63 74 6f 72 73 2f 72 69 6e 67 12 48 47 50
    0a 45 0a 0a 69 6e 67 65 73 74 65 72 2d 30 12 37
    0a 0d 31 30 2e 01 02 b4 37 3a 39 30 39 35 10 80
    e2 cf aa 06 32 06 64 80 bc c1 96 0b 3a 06 7a 6f
    6e 65 2d 61 40 98 da cf aa 06 4a 0a 69 6e 67 65
    73 74 65 72 2d 30 1a 08 72 69 6e 67 44 65 73 63
    fd ff 34 74 ee 23 26 53 62 96 64 af 14 2d 10 d7
    `.replace(/\s+/g, ''),
    'hex',
  ),
)
