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

/** What chaos does to a delivery: decided when it is announced, so that timing does not change the dice. */
export interface Fate {
  drop: boolean;
  badSignature: boolean;
  dropAnswer: boolean;
  duplicate: boolean;
}

/** A hook on its way. */
export interface Delivery {
  subscription: HookSubscription;
  body: JsonObject;
  /** Deliveries of one lane leave in order. */
  lane: string;
  attempt: number;
  /** Of the first attempt, epoch milliseconds. */
  firstAt?: number;
  fate: Fate;
}

/** A delivery as a snapshot has it: the subscription by its id. */
export type StoredDelivery = Omit<Delivery, 'subscription'> & { subscription: string };

export function stored({ subscription, ...rest }: Delivery): StoredDelivery {
  return { ...rest, subscription: subscription.id };
}
