/**
 * Size of the bridge's frames of an echo in bytes, newline included. An id has
 * about five digits.
 */
export function frames(
  method: string,
  payload: string,
): { readonly request: number; readonly response: number } {
  const request = `{"id":10000,"method":"${method}","params":[${payload}]}\n`;
  const response = `{"id":10000,"result":${payload},"error":null}\n`;
  return { request: request.length, response: response.length };
}
