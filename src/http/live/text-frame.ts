const finalText = 0x81;

/**
 * A whole text message as one WebSocket frame of a server (RFC 6455, section 5.2: not masked), so that the same bytes go to
 * every socket: the text is encoded once, however many read it.
 */
export function textFrame(text: string): Buffer {
  const bytes = Buffer.byteLength(text);
  const headBytes = bytes < 126 ? 2 : bytes < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headBytes + bytes);
  frame[0] = finalText;
  if (headBytes === 2) {
    frame[1] = bytes;
  } else if (headBytes === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(bytes, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(bytes), 2);
  }
  frame.write(text, headBytes);
  return frame;
}
