export { type FileSourceOptions, fileSource } from './file-source.js'
