// Running a tokenizer of ours over bytes in the chunks a file is read in.

export const CHUNK = 64 * 1024

/** Calls `visit` with every segment; fillers included. */
export function eachSegment(tokenizer, bytes, visit) {
  for (let at = 0; at < bytes.length; at += CHUNK) {
    for (const segment of tokenizer.push(bytes.subarray(at, at + CHUNK))) visit(segment)
  }
  for (const segment of tokenizer.end()) visit(segment)
}
