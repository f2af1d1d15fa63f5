// One cache for the application: import SecretsModule.forRoot, or forRootAsync, and inject SecretCache.
import { ConfigurableModuleBuilder, Global, Module, type OnApplicationShutdown } from '@nestjs/common'
import { SecretCache, type SecretCacheOptions } from 'awscurrent'

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<SecretCacheOptions>()
  .setClassMethodName('forRoot')
  .build()

@Global()
@Module({
  providers: [
    {
      provide: SecretCache,
      useFactory: (options: SecretCacheOptions) => new SecretCache(options),
      inject: [MODULE_OPTIONS_TOKEN],
    },
  ],
  exports: [SecretCache],
})
export class SecretsModule extends ConfigurableModuleClass implements OnApplicationShutdown {
  constructor(private readonly secrets: SecretCache) {
    super()
  }

  async onApplicationShutdown(): Promise<void> {
    await this.secrets.close()
  }
}
