import { Module } from '@nestjs/common'
import { TerminusModule } from '@nestjs/terminus'
import { TypeOrmModule } from '@nestjs/typeorm'
import { SecretCache } from 'awscurrent'
import { followingDriver } from './following-driver'
import { HealthController } from './health.controller'
import { KeyController } from './key.controller'
import { Order } from './order.entity'
import { OrdersController } from './orders.controller'
import { SecretsHealth } from './secrets.health'
import { SecretsModule } from './secrets.module'

@Module({
  imports: [
    // Before TypeORM: Nest ends global modules in the reverse of their order here, so the pool ends before the cache.
    SecretsModule.forRootAsync({ useFactory: () => ({ ttlMs: Number(process.env.SECRETS_TTL_MS ?? 300_000) }) }),
    TypeOrmModule.forRootAsync({
      inject: [SecretCache],
      useFactory: (secrets: SecretCache) => ({
        type: 'postgres',
        driver: followingDriver(secrets, 'prod/db'),
        poolSize: 10,
        autoLoadEntities: true,
      }),
    }),
    TypeOrmModule.forFeature([Order]),
    TerminusModule,
  ],
  controllers: [KeyController, OrdersController, HealthController],
  providers: [SecretsHealth],
})
export class AppModule {}
