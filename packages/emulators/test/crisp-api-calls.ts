import type { CrispEmulator, Visitor } from '@parley/emulators';
import type { Parsed } from './receiver.js';

/** What a run over all methods works with. */
export interface Run {
  emulator: CrispEmulator;
  visitor: Visitor;
  /** Calls a method by `service.method`; the answer. */
  call(name: string, ...args: unknown[]): Promise<Parsed>;
}

/** Calls every REST method of crisp-api 11.3 once, on things that exist. */
export async function callEverything(run: Run): Promise<void> {
  await callConversations(run);
  await callConversationParts(run);
  await callPeople(run);
  await callWorkspace(run);
  await callCampaigns(run);
  await callHelpdesk(run);
  await callPlugins(run);
  await callBatch(run);
  await callWebsites(run);
}

async function callConversations({ emulator, visitor, call }: Run) {
  const { websiteId: w, userId, pluginId } = emulator.credentials;
  const s = visitor.sessionId;
  visitor.tell({ segments: ['vip'], data: { plan: 'pro' } });
  visitor.visit({ page_title: 'Shop', page_url: 'https://shop.test/' });
  visitor.event({ text: 'clicked', data: { where: 'top' }, color: 'red' });
  visitor.say('Where is my order?');
  visitor.sendFile({ name: 'a.png', url: 'https://shop.test/a.png', type: 'image/png' });

  await call('website.listConversations', w, 1, { order_date_updated: 1 });
  await call('website.getConversation', w, s);
  await call('website.checkConversationExists', w, s);
  const { session_id: made } = await call('website.createNewConversation', w);
  await call('website.initiateConversationWithExistingSession', w, made);
  const { fingerprint } = await call('website.sendMessageInConversation', w, s, {
    type: 'text',
    from: 'operator',
    origin: 'chat',
    content: 'On its way',
    original: { type: 'email', content: 'raw' },
  });
  const [first] = await call('website.getMessagesInConversation', w, s);
  await call('website.getMessageInConversation', w, s, fingerprint);
  const original = emulator.conversation(s)?.originals[0]?.original_id;
  await call('website.getOriginalMessageInConversation', w, s, original);
  await call('website.updateMessageInConversation', w, s, fingerprint, 'It left');
  await call('website.composeMessageInConversation', w, s, { type: 'start', from: 'operator' });
  const mark = { from: 'user', origin: 'chat', fingerprints: [first.fingerprint] };
  await call('website.markMessagesDeliveredInConversation', w, s, mark);
  await call('website.markMessagesReadInConversation', w, s, mark);
  await call('website.markConversationAsUnread', w, s, { from: 'operator' });
  await call('website.removeMessageInConversation', w, s, fingerprint);
  await call('website.updateConversationOpenState', w, s, true);
  await call('website.assignConversationRouting', w, s, { assigned: { user_id: userId } });
  await call('website.getConversationRoutingAssign', w, s);
  await call('website.updateConversationInbox', w, s, null);
  await call('website.updateConversationMetas', w, s, { nickname: 'Ada Loop', device: { locales: ['fr'] } });
  await call('website.getConversationMetas', w, s);
  await call('website.changeConversationState', w, s, 'resolved');
  await call('website.getConversationState', w, s);
  await call('website.saveConversationParticipants', w, s, {
    participants: [{ type: 'email', target: 'bob@client.test' }],
  });
  await call('website.getConversationParticipants', w, s);
  await call('website.blockIncomingMessagesForConversation', w, s, true);
  await call('website.getBlockStatusForConversation', w, s);
  await call('website.updateVerifyStatusForConversation', w, s, true);
  await call('website.redeemIdentityVerificationLinkForConversation', w, s, {
    identity: 'email',
    token: 'abc',
  });
  await call('website.getVerifyStatusForConversation', w, s);
  await call('website.requestIdentityVerificationForConversation', w, s, {
    identity: 'email',
    method: 'link',
  });
  await call('website.deliverWidgetButtonActionForConversation', w, s, pluginId, 'one', 'two', {});
  await call('website.deliverWidgetDataFetchActionForConversation', w, s, pluginId, 'one', 'two', {});
  await call('website.deliverWidgetDataEditActionForConversation', w, s, pluginId, 'one', 'two', 'three');
  await call('website.removeConversation', w, made);
}

async function callConversationParts({ emulator, visitor, call }: Run) {
  const { websiteId: w } = emulator.credentials;
  const s = visitor.sessionId;
  await call('website.listConversationPages', w, s, 1);
  await call('website.listConversationEvents', w, s, 1);
  await call('website.listConversationFiles', w, s, 1);
  await call('website.getConversationRelations', w, s);
  await call('website.requestEmailTranscriptForConversation', w, s, 'user', 'ada@client.test');
  await call('website.requestChatboxBindingPurgeForConversation', w, s);
  await call('website.requestUserFeedbackForConversation', w, s);
  await call('website.initiateBrowsingSessionForConversation', w, s);
  const [{ browsing_id: browsing }] = await call('website.listBrowsingSessionsForConversation', w, s);
  await call('website.sendActionToExistingBrowsingSession', w, s, browsing, 'start');
  await call('website.assistExistingBrowsingSession', w, s, browsing, {
    action: 'mouse',
    mouse: { x: 1, y: 1 },
  });
  await call('website.initiateNewCallSessionForConversation', w, s, 'audio');
  const { call_id: ongoing } = await call('website.getOngoingCallSessionForConversation', w, s);
  await call('website.transmitSignalingOnOngoingCallSession', w, s, ongoing, { type: 'sdp', payload: {} });
  await call('website.abortOngoingCallSessionForConversation', w, s, ongoing);
  await call('website.requestToolCallForConversation', w, s, 'list_tools', {});
  await call('website.scheduleReminderForConversation', w, s, '2026-12-01T09:00:00Z', 'Call back');
  await call('website.reportConversation', w, s, 'spam');
  await call('website.listSuggestedConversationSegments', w, 1);
  await call('website.listSuggestedConversationDataKeys', w, 1);
  await call('website.deleteSuggestedConversationSegment', w, 'vip');
  await call('website.deleteSuggestedConversationDataKey', w, 'plan');
  const spam = emulator.addSpam({ type: 'email', reason: 'score' });
  await call('website.listSpamConversations', w, 1);
  await call('website.resolveSpamConversationContent', w, spam);
  await call('website.submitSpamConversationDecision', w, spam, 'reject');
}

async function callPeople({ emulator, call }: Run) {
  const { websiteId: w } = emulator.credentials;
  await call('website.getPeopleStatistics', w);
  const card = {
    email: 'eve@client.test',
    person: { nickname: 'Eve' },
    segments: ['vip'],
    active: 1_700_000_000_000,
  };
  const { people_id: p } = await call('website.addNewPeopleProfile', w, card);
  await call('website.listPeopleProfiles', w, 1, 'person.nickname', 'ascending');
  await call('website.checkPeopleProfileExists', w, p);
  await call('website.getPeopleProfile', w, 'eve@client.test');
  await call('website.savePeopleProfile', w, p, { ...card, notepad: 'careful' });
  await call('website.updatePeopleProfile', w, p, { company: { name: 'Client SA' } });
  await call('website.listPeopleConversations', w, 'ada@client.test', 1);
  await call('website.listPeopleCampaigns', w, p, 1);
  await call('website.addPeopleEvent', w, p, { text: 'bought', data: { price: 3 }, color: 'green' });
  await call('website.listPeopleEvents', w, p, 1);
  await call('website.savePeopleData', w, p, { data: { plan: 'pro' } });
  await call('website.updatePeopleData', w, p, { data: { orders: 3 } });
  await call('website.getPeopleData', w, p);
  await call('website.updatePeopleSubscriptionStatus', w, p, { email: false });
  await call('website.getPeopleSubscriptionStatus', w, p);
  await call('website.exportPeopleProfiles', w);
  await call('website.importPeopleProfiles', w, {
    url: 'https://shop.test/people.csv',
    mapping: [{ column: 1, field: 'email' }],
    options: { column_separator: ',', skip_header: true },
  });
  await call('website.listSuggestedPeopleSegments', w, 1);
  await call('website.listSuggestedPeopleDataKeys', w, 1);
  await call('website.listSuggestedPeopleEvents', w, 1);
  await call('website.deleteSuggestedPeopleSegment', w, 'vip');
  await call('website.deleteSuggestedPeopleDataKey', w, 'plan');
  await call('website.deleteSuggestedPeopleEvent', w, 'bought');
  await call('website.removePeopleProfile', w, p);
}

async function callWorkspace({ emulator, visitor, call }: Run) {
  const { websiteId: w, userId, password } = emulator.credentials;
  await call('website.getWebsiteSettings', w);
  await call('website.updateWebsiteSettings', w, { name: 'Shop', chatbox: { color_theme: 'blue' } });
  await call('website.listWebsiteOperators', w);
  emulator.operator({ name: 'Ann Bell' }).say(visitor.sessionId, 'Hello');
  await call('website.listLastActiveWebsiteOperators', w);
  await call('website.flushLastActiveWebsiteOperators', w);
  await call('website.sendEmailToWebsiteOperators', w, {
    recipient: 'owners',
    subject: 'Hello',
    message: 'World',
    target: { label: 'Open', url: 'https://shop.test/' },
  });
  await call('website.getWebsiteOperator', w, userId);
  const verify = { method: 'password', secret: password };
  await call('website.inviteWebsiteOperator', w, 'new@shop.test', 'member', verify);
  const invited = (await run(call, w)).find(({ details }: Parsed) => details.email === 'new@shop.test');
  await call('website.changeOperatorMembership', w, invited.details.user_id, 'owner', 'Boss');
  await call('website.unlinkOperatorFromWebsite', w, invited.details.user_id);
  await call('website.getWebsiteAvailabilityStatus', w);
  await call('website.listWebsiteOperatorAvailabilities', w);

  const { inbox_id: inbox } = await call('website.createNewInbox', w, { name: 'Sales', emoji: '💰' });
  await call('website.listInboxes', w, 1);
  await call('website.batchOrderInboxes', w, { orders: [{ inbox_id: inbox, order: 2 }] });
  await call('website.checkInboxExists', w, inbox);
  await call('website.getInbox', w, inbox);
  await call('website.saveInbox', w, inbox, {
    name: 'Sale',
    operators: [userId],
    operator: 'or',
    conditions: [],
  });
  await call('website.deleteInbox', w, inbox);
  const { team_id: team } = await call('website.createNewTeam', w, { name: 'Night' });
  await call('website.listTeams', w, 1);
  await call('website.checkTeamExists', w, team);
  await call('website.getTeam', w, team);
  await call('website.saveTeam', w, team, { name: 'Day', operators: [userId] });
  await call('website.deleteTeam', w, team);

  visitor.tell({
    device: { geolocation: { country: 'FR', city: 'Nantes', coordinates: { latitude: 47, longitude: -1 } } },
  });
  await call('website.countVisitors', w);
  await call('website.listVisitors', w, 1);
  await call('website.pinpointVisitorsOnMap', w, -1, 47, 10);
  await call('website.getSessionIdentifierFromToken', w, emulator.conversation(visitor.sessionId)?.token);
  await call('website.countBlockedVisitors', w);
  await call('website.countBlockedVisitorsInRule', w, 'session');
  await call('website.clearBlockedVisitorsInRule', w, 'session');
  await call('website.getVerifySettings', w);
  await call('website.updateVerifySettings', w, { enabled: true });
  await call('website.getVerifyKey', w);
  await call('website.rollVerifyKey', w);
  await call('website.generateAnalytics', w, { metric: 'messages' });
  await call('website.getConnectEndpoints', w);
}

const run = (call: Run['call'], w: string) => call('website.listWebsiteOperators', w);

async function callCampaigns({ emulator, call }: Run) {
  const { websiteId: w } = emulator.credentials;
  const { template_id: template } = await call('website.createNewCampaignTemplate', w, 'html', 'Plain');
  await call('website.listCampaignTemplates', w, 1);
  await call('website.checkCampaignTemplateExists', w, template);
  await call('website.getCampaignTemplate', w, template);
  await call('website.saveCampaignTemplate', w, template, {
    type: 'custom',
    name: 'Plain',
    format: 'html',
    content: '<p/>',
  });
  await call('website.updateCampaignTemplate', w, template, { name: 'Plainer' });
  await call('website.removeCampaignTemplate', w, template);
  const { campaign_id: campaign } = await call('website.createNewCampaign', w, 'one_shot', 'Spring');
  await call('website.updateCampaign', w, campaign, { tag: 'spring', subject: 'Hello' });
  await call('website.listCampaigns', w, 1);
  await call('website.listCampaignTags', w);
  await call('website.checkCampaignExists', w, campaign);
  await call('website.saveCampaign', w, campaign, { name: 'Spring', tag: 'spring', message: 'Hello!' });
  await call('website.getCampaign', w, campaign);
  await call('website.testCampaign', w, campaign);
  await call('website.dispatchCampaign', w, campaign);
  await call('website.pauseCampaign', w, campaign);
  await call('website.resumeCampaign', w, campaign);
  await call('website.listCampaignRecipients', w, campaign, 1);
  await call('website.listCampaignStatistics', w, campaign, 'opened', 1);
  await call('website.removeCampaign', w, campaign);
}

async function callHelpdesk({ emulator, call }: Run) {
  const { websiteId: w, password } = emulator.credentials;
  await call('website.initializeHelpdesk', w, 'Shop help', 'shop');
  await call('website.checkHelpdeskExists', w);
  await call('website.resolveHelpdesk', w);
  await call('website.addHelpdeskLocale', w, 'en');
  await call('website.listHelpdeskLocales', w, 1);
  await call('website.checkHelpdeskLocaleExists', w, 'en');
  await call('website.resolveHelpdeskLocale', w, 'en');
  const articles = [w, 'en', 'articles'];
  await call('website.createHelpdeskTreePath', ...articles, 'orders/where-is-it');
  await call('website.saveHelpdeskTreeContent', ...articles, 'orders/where-is-it', '# On its way');
  await call('website.resolveHelpdeskTreeContent', ...articles, 'orders/where-is-it');
  await call('website.updateHelpdeskTreeMetadata', ...articles, 'orders/where-is-it', {
    title: 'Where is it?',
  });
  await call('website.resolveHelpdeskTreeMetadata', ...articles, 'orders/where-is-it');
  await call('website.resolveHelpdeskTreePage', ...articles, 'orders/where-is-it');
  await call('website.resolveHelpdeskTreePath', ...articles, 'orders/where-is-it');
  await call('website.updateHelpdeskTreePath', ...articles, 'orders/where-is-it', {
    action: 'move',
    path: { to: 'where' },
  });
  await call('website.listHelpdeskTree', ...articles, 1);
  const [{ entity_id: entity }] = await call('website.listHelpdeskPages', ...articles, 1);
  await call('website.resolveHelpdeskPageEntity', ...articles, entity);
  const [{ change_id: change }] = await call('website.listHelpdeskHistoryChanges', w, 1, 'en');
  await call('website.resolveHelpdeskHistoryChange', w, change);
  await call('website.cancelHelpdeskHistoryChange', w, change, 'revert');
  await call('website.deleteHelpdeskTreePath', ...articles, 'where');
  await call('website.requestHelpdeskContentRefresh', ...articles);
  await call('website.mapHelpdeskLocaleFeedbackRatings', ...articles, '2026-01-01T00:00:00Z');
  await call('website.listHelpdeskLocaleFeedbacks', ...articles, 1);
  await call('website.importExternalHelpdeskToLocale', ...articles, {
    helpdesk_url: 'https://help.shop.test/',
  });
  await call('website.exportHelpdeskLocaleArticles', ...articles);
  const { redirection_id: redirection } = await call('website.addHelpdeskRedirection', w, '/old', '/new');
  await call('website.listHelpdeskRedirections', w, 1);
  await call('website.checkHelpdeskRedirectionExists', w, redirection);
  await call('website.resolveHelpdeskRedirection', w, redirection);
  await call('website.deleteHelpdeskRedirection', w, redirection);
  await call('website.resolveHelpdeskSettings', w);
  await call('website.saveHelpdeskSettings', w, { behavior: { show_chatbox: false } });
  await call('website.resolveHelpdeskDomain', w);
  await call('website.requestHelpdeskDomainChange', w, 'shop', 'help.shop.test');
  await call('website.generateHelpdeskDomainSetupFlow', w, 'help.shop.test');
  await call('website.deleteHelpdeskLocale', w, 'en');
  await call('website.deleteHelpdesk', w, { method: 'password', secret: password });
}

async function callPlugins({ emulator, call }: Run) {
  const { websiteId: w, pluginId: p } = emulator.credentials;
  await call('plugin.getConnectAccount');
  await call('plugin.checkConnectSessionValidity');
  await call('plugin.listAllConnectWebsites', 1, false, true);
  await call('plugin.listConnectWebsitesSince', '2020-01-01T00:00:00Z', false, true);
  await call('plugin.getConnectEndpoints');
  await call('plugin.listAllActiveSubscriptions');
  await call('plugin.listSubscriptionsForWebsite', w);
  await call('plugin.getSubscriptionDetails', w, p);
  await call('plugin.saveSubscriptionSettings', w, p, { theme: 'dark' });
  await call('plugin.updateSubscriptionSettings', w, p, { size: 3 });
  await call('plugin.getSubscriptionSettings', w, p);
  await call('plugin.reportPluginUsageToBill', w, p, { name: 'sms', units: 1, price: 2 });
  await call('plugin.getPluginUsageBills', w, p);
  await call('plugin.getPluginAttestProvenance', w, p);
  await call('plugin.forwardPluginPayloadToChannel', w, p, { namespace: 'demo', payload: { a: 1 } });
  await call('plugin.dispatchPluginEvent', w, p, { name: 'ping', data: { a: 1 } });
  await call('plugin.unsubscribePluginFromWebsite', w, p);
  await call('plugin.subscribeWebsiteToPlugin', w, p);
  await call('plan.listAllActiveSubscriptions');
  await call('plan.getPlanSubscriptionForWebsite', w);
  await call('plan.subscribeWebsiteToPlan', w, 'unlimited');
  await call('plan.changeBillPeriodForWebsitePlanSubscription', w, 'yearly');
  await call('plan.checkCouponAvailabilityForWebsitePlanSubscription', w, 'EMULATED');
  await call('plan.redeemCouponForWebsitePlanSubscription', w, 'EMULATED');
  await call('plan.unsubscribePlanFromWebsite', w);
  await call('bucket.generateBucketURL', {
    namespace: 'upload',
    id: 'one',
    file: { name: 'a.png', type: 'image/png' },
    resource: { type: 'session', id: 'two' },
  });
  await call('media.listAnimationMedias', 1, '42', 'cats');
}

async function callBatch({ emulator, visitor, call }: Run) {
  const { websiteId: w, userId } = emulator.credentials;
  const sessions = [visitor.sessionId];
  const people = { profiles: ['ada@client.test'] };
  await call('website.batchResolveConversations', w, { sessions });
  await call('website.batchUnresolveConversations', w, { sessions });
  await call('website.batchReadConversations', w, { sessions });
  await call('website.batchUnreadConversations', w, { sessions });
  await call('website.batchReportConversations', w, { sessions, flag: 'spam' });
  await call('website.batchBlockConversations', w, { sessions, blocked: true });
  await call('website.batchRoutingConversations', w, { sessions, assigned: { user_id: userId } });
  await call('website.batchInboxConversations', w, { sessions, inbox_id: null });
  await call('website.batchUpdateConversationsData', w, { sessions, data: { plan: 'basic' } });
  await call('website.batchUpdatePeopleData', w, people, { plan: 'basic' });
  await call('website.batchUpdateConversationsSegments', w, { sessions, segments: ['late'] });
  await call('website.batchUpdatePeopleSegments', w, people, ['late']);
  await call('website.batchRemoveConversations', w, { sessions });
  await call('website.batchRemovePeople', w, people);
}

async function callWebsites({ emulator, call }: Run) {
  const { websiteId: w, password } = emulator.credentials;
  await call('website.checkWebsiteExists', 'website.crisp.test');
  await call('website.createWebsite', { name: 'Second', domain: 'second.test' });
  await call('website.getWebsite', w);
  await call('website.deleteWebsite', w, { method: 'password', secret: password });
  await call('website.abortWebsiteDeletion', w);
}
