/** Adds to the stack of a driver's error the lines of its caller: drivers create errors in an event, where no caller is known. */
export function extendStack(error: unknown, caller: Error): unknown {
  if (!(error instanceof Error) || error.stack === undefined || caller.stack === undefined) return error
  error.stack += caller.stack.slice(caller.stack.indexOf('\n'))
  return error
}
