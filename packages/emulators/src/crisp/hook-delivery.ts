import type { Delivery as Queued } from '../delivery-queue.js';
import type { JsonObject } from '../json.js';
import type { HookSubscription } from './hook-subscription.js';

/** One attempt to deliver a hook. */
export interface HookDelivery {
  event: string;
  /** Of the message it is about. */
  fingerprint?: number;
  subscription: string;
  url: string;
  /** 1 is the first. */
  attempt: number;
  /** What the receiver answered; 0 when it did not. */
  status: number;
  /** ISO 8601 on the emulator's clock. */
  at: string;
  /** Why there is no answer, or what chaos did to this attempt. */
  note?: string;
}

/** A hook on its way. */
export interface Delivery extends Queued {
  subscription: HookSubscription;
  body: JsonObject;
  /** Deliveries of one lane leave in order. */
  lane: string;
  /** Of the first attempt, epoch milliseconds. */
  firstAt?: number;
}

/** A delivery as a snapshot has it: the subscription by its id. */
export type StoredDelivery = Omit<Delivery, 'subscription'> & { subscription: string };
