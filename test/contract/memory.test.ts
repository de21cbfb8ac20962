import { memoryQueues } from '../helpers/local-queues.ts';
import { makeMemoryScanStore } from '../helpers/memory-scan-store.ts';
import { chunkQueueContract, perScanQueueContract } from './chunk-queue.contract.ts';
import { completionContract } from './completion.contract.ts';
import { scanStoreContract } from './scan-store.contract.ts';

scanStoreContract('The store in memory', async () => makeMemoryScanStore());
chunkQueueContract('The queue in memory', memoryQueues);
perScanQueueContract('The queue in memory', memoryQueues);
completionContract('Completion in memory', async () => makeMemoryScanStore(), memoryQueues);
