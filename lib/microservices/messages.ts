/** What is allowed, in the words of `InvalidOptionsError`: tests compare with the same constants. */
export const allowed = {
  queues: 'the QueueService of a group',
  pattern: "the name of a queue, as text: @EventPattern('emails')",
  event:
    'an @EventPattern(): a queue has no replies. Name the transport that @MessagePattern() is for as its second argument',
  send: 'an emit(): a queue has no replies',
} as const;
