/** Says that there is no such option, and which there are: a slip of the pen shows beside the right name. */
export function noSuchOption(name: string, known: Iterable<string>, place = ''): string {
  return `there is no option "${place}${name}"; there are ${[...known].join(', ')}`
}
