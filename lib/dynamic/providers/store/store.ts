/** An engine that holds one document for many processes. */
export interface Store {
  /** Where the document is, as messages name it, without secrets: `Redis at 10.0.0.5:6379, key "tribind"`. */
  readonly place: string
  /** What one writes instead where there is no document yet, as messages name it. */
  readonly advice: string
  /** Creates a session, which isn't connected yet. @param onLost called when the connection ends by itself, perhaps more than once */
  createSession(onLost: (error: Error) => void): StoreSession
  /** Listens for the errors of a client of the application, of which one without a listener would end the process. Returns what ends that. */
  guard?(): () => void
}

/** A connection to a store. What fails to answer is left to the caller, who closes the session. */
export interface StoreSession {
  connect(): Promise<unknown>
  /** Resolves when each later change is told. */
  subscribe(onChange: () => void): Promise<unknown>
  /** Asks for nothing, to see whether the store answers. */
  ping(): Promise<unknown>
  /** `undefined` for no document. @throws ConfigError for one that can't be taken, such as one that is too large */
  read(): Promise<Stored | undefined>
  /** Writes document and revision together, and tells those who have subscribed. Returns the revision. */
  write(text: string): Promise<number>
  /** Writes what a process says of itself. It vanishes about two minutes after it was written last. */
  report(id: string, text: string): Promise<unknown>
  /** Takes back what a process said of itself. */
  retract(id: string): Promise<unknown>
  /** Returns what the processes say of themselves. */
  reports(): Promise<readonly string[]>
  /** Ends what the session has opened, whatever its state, and nothing else. */
  close(): unknown
}

/** What a store holds. */
export interface Stored {
  readonly document: string | Uint8Array
  /** Grows with each change; `undefined` where none is kept. */
  readonly revision: number | undefined
}

/** How long a store shows what a process said of itself. */
export const REPORT_LIFE_MS = 120_000
