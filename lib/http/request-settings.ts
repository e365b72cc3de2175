import type { UploadLimits } from './upload-limits.ts'
import type { ViewFactory } from './view.ts'

/** What requests and responses are told by the options of their server. */
export interface RequestSettings {
  /** In bytes. */
  readonly maxBodySize: number
  readonly upload: UploadLimits
  /** `undefined` where the server has no templates. */
  readonly views?: ViewFactory | undefined
}
