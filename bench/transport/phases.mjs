// What a connection waits for; each has its timeout in expiry.mjs.

export const FIRST_HEAD = 0
export const IDLE = 1
export const IN_HEAD = 2
export const IN_BODY = 3
export const ANSWER = 4
export const LINGERING = 5
export const HANDED_OVER = 6
