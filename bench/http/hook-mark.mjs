// Proof that both hooks ran: the before hook sets the mark on the request, the after hook reads it there.

let read = 0

export const hookMark = 'set by the before hook'

/** Counts a request whose after hook found the mark. */
export function readHookMark(mark) {
  if (mark === hookMark) read += 1
}

/** How many requests went through both hooks in this process. */
export function countHookMarks() {
  return read
}
