/** The frame, with its newline, that answers the handshake of a Go peer. */
export function answerHandshake(frame: string): string {
  const { id } = JSON.parse(frame) as { id: number };
  const result = { protocol: 1, software: 'bench', capabilities: [] };
  return `${JSON.stringify({ id, result, error: null })}\n`;
}
