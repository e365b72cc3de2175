/** What keeps a part of a configuration from being made. */
export class MakingError extends Error {
  /** Where the fault is in the part, such as `static.root`; `''` for the part as a whole. */
  readonly place: string

  constructor(place: string, message: string) {
    super(message)
    this.place = place
  }
}
