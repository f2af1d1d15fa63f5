import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { AppModule } from './app.module'

async function start(): Promise<void> {
  const app = await NestFactory.create(AppModule)
  // Without useProcessExit, Nest sends itself the signal again: the process would end by it, and as process 1 of a container ignore it.
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true })
  await app.listen(process.env.PORT ?? 3000, process.env.HOST ?? '0.0.0.0')
  console.log('Listens at', await app.getUrl())
}

void start()
