export { type RoutedSourceOptions, routedSource } from './routed-source.js'
export { type SsmClientLike, type SsmSourceOptions, ssmSource } from './ssm-source.js'
