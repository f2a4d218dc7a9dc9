/** One record of a file and its place there, or why it can't be read. */
export type Row =
  | { readonly place: string; readonly record: unknown; readonly rejected?: undefined }
  | { readonly place: string; readonly rejected: string }
