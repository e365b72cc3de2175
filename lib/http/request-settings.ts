import type { UploadLimits } from './upload-limits.ts'

/** What requests and responses are told by the options of their server. */
export interface RequestSettings {
  /** In bytes. */
  readonly maxBodySize: number
  readonly upload: UploadLimits
}
