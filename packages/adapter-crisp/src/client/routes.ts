/**
 * Every route of Crisp's REST API, one line each: what the typed client, the page docs/providers/crisp.md and the tests are
 * made of.
 *
 *     VERB kind path?{query} body -> answer | wrapper's method, tiers, source
 *
 * - kind: `safe` may be repeated, `unsent` only if nothing was carried out, `never` costs money (see `RouteKind`)
 * - body and answer: a record by its name (wire/records.ts), or `{field:type,optional?:type}`; `nothing` is an empty object,
 *   `exists` the answer of a HEAD. Every query field is optional
 * - tiers: U user, P plugin; `?` not documented. The website tier is that of a plugin, on one website
 * - source: a file and line of the provider's Node wrapper, crisp-api 11.3.0 (lib/resources); the routes themselves are
 *   described at docs.crisp.chat/references/rest-api/v1
 */
export const ROUTES = {
  /** Websites. */
  website: {
    exists: 'HEAD safe /website?{domain:string} -> exists | website.checkWebsiteExists UP WebsiteBase.ts:56',
    create:
      'POST unsent /website {name:string,domain:string} -> Website | website.createWebsite U WebsiteBase.ts:69',
    get: 'GET safe /website/:website -> Website | website.getWebsite UP WebsiteBase.ts:78',
    remove:
      'DELETE safe /website/:website {verify:Verification} -> nothing | website.deleteWebsite U WebsiteBase.ts:87',
    abortRemoval:
      'DELETE safe /website/:website/expunge -> nothing | website.abortWebsiteDeletion U WebsiteBase.ts:100',
  },
  /** Conversations. */
  conversations: {
    list: 'GET safe /website/:website/conversations/:page?{per_page:number,include_empty:Flag,filter_inbox_id:string,filter_unread:Flag,filter_resolved:Flag,filter_not_resolved:Flag,filter_mention:Flag,filter_unassigned:Flag,filter_assigned:string,filter_date_start:string,filter_date_end:string,order_date_created:Flag,order_date_updated:Flag,order_date_waiting:Flag,search_type:=text|segment|filter,search_query:SearchQuery,search_operator:=and|or} -> Conversation[] | website.listConversations UP WebsiteConversation.ts:580',
    listSegments:
      'GET safe /website/:website/conversations/suggest/segments/:page -> SuggestedSegment[] | website.listSuggestedConversationSegments UP WebsiteConversation.ts:595',
    removeSegment:
      'DELETE safe /website/:website/conversations/suggest/segment {segment:string} -> nothing | website.deleteSuggestedConversationSegment UP WebsiteConversation.ts:608',
    listDataKeys:
      'GET safe /website/:website/conversations/suggest/data/:page -> SuggestedKey[] | website.listSuggestedConversationDataKeys UP WebsiteConversation.ts:625',
    removeDataKey:
      'DELETE safe /website/:website/conversations/suggest/data {key:string} -> nothing | website.deleteSuggestedConversationDataKey UP WebsiteConversation.ts:638',
    create:
      'POST unsent /website/:website/conversation -> SessionReference | website.createNewConversation UP WebsiteConversation.ts:700',
    exists:
      'HEAD safe /website/:website/conversation/:session -> exists | website.checkConversationExists UP WebsiteConversation.ts:713',
    get: 'GET safe /website/:website/conversation/:session -> Conversation | website.getConversation UP WebsiteConversation.ts:724',
    remove:
      'DELETE safe /website/:website/conversation/:session -> nothing | website.removeConversation UP WebsiteConversation.ts:735',
    initiate:
      'POST unsent /website/:website/conversation/:session/initiate -> nothing | website.initiateConversationWithExistingSession UP WebsiteConversation.ts:746',
    setOpened:
      'PATCH safe /website/:website/conversation/:session/open {opened:boolean} -> nothing | website.updateConversationOpenState UP WebsiteConversation.ts:912',
    getRouting:
      'GET safe /website/:website/conversation/:session/routing -> Routing | website.getConversationRoutingAssign UP WebsiteConversation.ts:931',
    setRouting:
      'PATCH safe /website/:website/conversation/:session/routing {assigned:UserReference|null,silent?:boolean} -> nothing | website.assignConversationRouting UP WebsiteConversation.ts:942',
    setInbox:
      'PATCH safe /website/:website/conversation/:session/inbox {inbox_id:string|null} -> nothing | website.updateConversationInbox UP WebsiteConversation.ts:957',
    getMeta:
      'GET safe /website/:website/conversation/:session/meta -> Meta | website.getConversationMetas UP WebsiteConversation.ts:976',
    updateMeta:
      'PATCH safe /website/:website/conversation/:session/meta MetaInput -> nothing | website.updateConversationMetas UP WebsiteConversation.ts:989',
    listPages:
      'GET safe /website/:website/conversation/:session/pages/:page -> Page[] | website.listConversationPages UP WebsiteConversation.ts:1017',
    listEvents:
      'GET safe /website/:website/conversation/:session/events/:page -> CustomEvent[] | website.listConversationEvents UP WebsiteConversation.ts:1030',
    listFiles:
      'GET safe /website/:website/conversation/:session/files/:page -> File[] | website.listConversationFiles UP WebsiteConversation.ts:1043',
    getState:
      'GET safe /website/:website/conversation/:session/state -> {state:State} | website.getConversationState UP WebsiteConversation.ts:1056',
    setState:
      'PATCH safe /website/:website/conversation/:session/state {state:State,user?:Author,origin?:string} -> nothing | website.changeConversationState UP WebsiteConversation.ts:1069',
    getRelations:
      'GET safe /website/:website/conversation/:session/relations -> Relations | website.getConversationRelations UP WebsiteConversation.ts:1096',
    getParticipants:
      'GET safe /website/:website/conversation/:session/participants -> Participants | website.getConversationParticipants UP WebsiteConversation.ts:1109',
    saveParticipants:
      'PUT safe /website/:website/conversation/:session/participants {participants:Participant[],user?:Author,origin?:string} -> nothing | website.saveConversationParticipants UP WebsiteConversation.ts:1122',
    getBlock:
      'GET safe /website/:website/conversation/:session/block -> {blocked:boolean} | website.getBlockStatusForConversation UP WebsiteConversation.ts:1137',
    setBlock:
      'PATCH safe /website/:website/conversation/:session/block {blocked:boolean,user?:Author,origin?:string} -> nothing | website.blockIncomingMessagesForConversation UP WebsiteConversation.ts:1150',
    getVerification:
      'GET safe /website/:website/conversation/:session/verify -> Verifications | website.getVerifyStatusForConversation UP WebsiteConversation.ts:1177',
    setVerified:
      'PATCH safe /website/:website/conversation/:session/verify {verified:boolean} -> nothing | website.updateVerifyStatusForConversation UP WebsiteConversation.ts:1190',
    requestIdentity:
      'POST unsent /website/:website/conversation/:session/verify/identity {identity:string,method?:string,recipient?:string} -> nothing | website.requestIdentityVerificationForConversation UP WebsiteConversation.ts:1209',
    redeemIdentityLink:
      'PUT safe /website/:website/conversation/:session/verify/identity/link {identity:string,token:string,recipient?:string} -> nothing | website.redeemIdentityVerificationLinkForConversation ? WebsiteConversation.ts:1225',
    requestTranscript:
      'POST unsent /website/:website/conversation/:session/transcript {to:string,email?:string} -> nothing | website.requestEmailTranscriptForConversation UP WebsiteConversation.ts:1242',
    purgeChatboxBinding:
      'POST unsent /website/:website/conversation/:session/purge -> nothing | website.requestChatboxBindingPurgeForConversation UP WebsiteConversation.ts:1267',
    requestFeedback:
      'POST unsent /website/:website/conversation/:session/feedback -> nothing | website.requestUserFeedbackForConversation UP WebsiteConversation.ts:1284',
    callTool:
      'POST unsent /website/:website/conversation/:session/tool {command:string,payload?:object} -> object | website.requestToolCallForConversation ? WebsiteConversation.ts:1443',
    scheduleReminder:
      'POST unsent /website/:website/conversation/:session/reminder {date:string,note:string,user?:Author,origin?:string} -> nothing | website.scheduleReminderForConversation UP WebsiteConversation.ts:1543',
    report:
      'POST unsent /website/:website/conversation/:session/report {flag:string} -> nothing | website.reportConversation UP WebsiteConversation.ts:1571',
  },
  /** Messages in a conversation. */
  messages: {
    list: 'GET safe /website/:website/conversation/:session/messages?{timestamp_before:number,timestamp_after:number,timestamp_around:number} -> Message[] | website.getMessagesInConversation UP WebsiteConversation.ts:761',
    send: 'POST unsent /website/:website/conversation/:session/message MessageInput -> FingerprintReference | website.sendMessageInConversation UP WebsiteConversation.ts:792',
    get: 'GET safe /website/:website/conversation/:session/message/:fingerprint -> Message | website.getMessageInConversation UP WebsiteConversation.ts:807',
    update:
      'PATCH safe /website/:website/conversation/:session/message/:fingerprint {content:Content} -> nothing | website.updateMessageInConversation UP WebsiteConversation.ts:820',
    remove:
      'DELETE safe /website/:website/conversation/:session/message/:fingerprint -> nothing | website.removeMessageInConversation UP WebsiteConversation.ts:839',
    compose:
      'PATCH safe /website/:website/conversation/:session/compose {type:=start|stop,from:Side,excerpt?:string,stealth?:boolean,automated?:boolean} -> nothing | website.composeMessageInConversation UP WebsiteConversation.ts:852',
    markRead:
      'PATCH safe /website/:website/conversation/:session/read {from:Side,origin:string,fingerprints?:number[]} -> nothing | website.markMessagesReadInConversation UP WebsiteConversation.ts:867',
    markUnread:
      'PATCH safe /website/:website/conversation/:session/unread {from:Side} -> nothing | website.markConversationAsUnread UP WebsiteConversation.ts:882',
    markDelivered:
      'PATCH safe /website/:website/conversation/:session/delivered {from:Side,origin:string,fingerprints?:number[]} -> nothing | website.markMessagesDeliveredInConversation UP WebsiteConversation.ts:897',
    getOriginal:
      'GET safe /website/:website/conversation/:session/original/:original -> Original | website.getOriginalMessageInConversation UP WebsiteConversation.ts:1004',
  },
  /** Messages that were taken for spam. */
  spams: {
    list: 'GET safe /website/:website/conversations/spams/:page -> Spam[] | website.listSpamConversations U WebsiteConversation.ts:655',
    getContent:
      'GET safe /website/:website/conversations/spam/:spam/content -> SpamContent | website.resolveSpamConversationContent U WebsiteConversation.ts:668',
    decide:
      'POST unsent /website/:website/conversations/spam/:spam/decision {action:string} -> nothing | website.submitSpamConversationDecision U WebsiteConversation.ts:681',
  },
  /** Co-browsing. */
  browsing: {
    list: 'GET safe /website/:website/conversation/:session/browsing -> Browsing[] | website.listBrowsingSessionsForConversation UP WebsiteConversation.ts:1299',
    initiate:
      'POST unsent /website/:website/conversation/:session/browsing -> nothing | website.initiateBrowsingSessionForConversation UP WebsiteConversation.ts:1312',
    act: 'PATCH safe /website/:website/conversation/:session/browsing/:browsing {action:string} -> nothing | website.sendActionToExistingBrowsingSession UP WebsiteConversation.ts:1327',
    assist:
      'PATCH safe /website/:website/conversation/:session/browsing/:browsing/assist object -> nothing | website.assistExistingBrowsingSession UP WebsiteConversation.ts:1346',
  },
  /** Calls. */
  calls: {
    initiate:
      'POST unsent /website/:website/conversation/:session/call {mode:string,user?:Author,origin?:string} -> CallReference | website.initiateNewCallSessionForConversation UP WebsiteConversation.ts:1362',
    get: 'GET safe /website/:website/conversation/:session/call -> CallReference | website.getOngoingCallSessionForConversation UP WebsiteConversation.ts:1389',
    abort:
      'DELETE safe /website/:website/conversation/:session/call/:call {user?:Author,origin?:string} -> nothing | website.abortOngoingCallSessionForConversation UP WebsiteConversation.ts:1402',
    signal:
      'PATCH safe /website/:website/conversation/:session/call/:call object -> nothing | website.transmitSignalingOnOngoingCallSession UP WebsiteConversation.ts:1428',
  },
  /** Widgets of plugins in the dashboard. */
  widgets: {
    pressButton:
      'POST unsent /website/:website/conversation/:session/widget/:plugin/button {section_id:string,item_id:string,data?:object,value?:string} -> WidgetAction | website.deliverWidgetButtonActionForConversation U WebsiteConversation.ts:1468',
    fetchData:
      'POST unsent /website/:website/conversation/:session/widget/:plugin/data {section_id:string,item_id:string,data?:object,action?:=fetch} -> WidgetAction | website.deliverWidgetDataFetchActionForConversation U WebsiteConversation.ts:1497',
    editData:
      'POST unsent /website/:website/conversation/:session/widget/:plugin/data {section_id:string,item_id:string,value:string,action?:=edit} -> WidgetAction | website.deliverWidgetDataEditActionForConversation U WebsiteConversation.ts:1520',
  },
  /** People: by id or by e-mail address. */
  people: {
    getStatistics:
      'GET safe /website/:website/people/stats -> {total:number} | website.getPeopleStatistics UP WebsitePeople.ts:193',
    listSegments:
      'GET safe /website/:website/people/suggest/segments/:page -> SuggestedSegment[] | website.listSuggestedPeopleSegments UP WebsitePeople.ts:202',
    removeSegment:
      'DELETE safe /website/:website/people/suggest/segment {segment:string} -> nothing | website.deleteSuggestedPeopleSegment UP WebsitePeople.ts:215',
    listDataKeys:
      'GET safe /website/:website/people/suggest/data/:page -> SuggestedKey[] | website.listSuggestedPeopleDataKeys UP WebsitePeople.ts:232',
    removeDataKey:
      'DELETE safe /website/:website/people/suggest/data {key:string} -> nothing | website.deleteSuggestedPeopleDataKey UP WebsitePeople.ts:245',
    listSuggestedEvents:
      'GET safe /website/:website/people/suggest/events/:page -> SuggestedText[] | website.listSuggestedPeopleEvents UP WebsitePeople.ts:262',
    removeSuggestedEvent:
      'DELETE safe /website/:website/people/suggest/event {text:string} -> nothing | website.deleteSuggestedPeopleEvent UP WebsitePeople.ts:275',
    list: 'GET safe /website/:website/people/profiles/:page?{sort_field:string,sort_order:string,search_operator:=and|or,search_filter:SearchFilter[],search_text:string} -> Profile[] | website.listPeopleProfiles UP WebsitePeople.ts:292',
    create:
      'POST unsent /website/:website/people/profile ProfileInput -> PeopleReference | website.addNewPeopleProfile UP WebsitePeople.ts:332',
    exists:
      'HEAD safe /website/:website/people/profile/:person -> exists | website.checkPeopleProfileExists UP WebsitePeople.ts:343',
    get: 'GET safe /website/:website/people/profile/:person -> Profile | website.getPeopleProfile UP WebsitePeople.ts:354',
    save: 'PUT safe /website/:website/people/profile/:person ProfileInput -> nothing | website.savePeopleProfile UP WebsitePeople.ts:365',
    update:
      'PATCH safe /website/:website/people/profile/:person ProfileInput -> nothing | website.updatePeopleProfile UP WebsitePeople.ts:380',
    remove:
      'DELETE safe /website/:website/people/profile/:person -> nothing | website.removePeopleProfile UP WebsitePeople.ts:395',
    listConversations:
      'GET safe /website/:website/people/conversations/:person/list/:page -> string[] | website.listPeopleConversations UP WebsitePeople.ts:406',
    listCampaigns:
      'GET safe /website/:website/people/campaigns/:person/list/:page -> PeopleCampaign[] | website.listPeopleCampaigns U WebsitePeople.ts:420',
    addEvent:
      'POST unsent /website/:website/people/events/:person {text:string,data?:object,color?:string} -> nothing | website.addPeopleEvent UP WebsitePeople.ts:434',
    listEvents:
      'GET safe /website/:website/people/events/:person/list/:page -> CustomEvent[] | website.listPeopleEvents UP WebsitePeople.ts:449',
    getData:
      'GET safe /website/:website/people/data/:person -> {data:object} | website.getPeopleData UP WebsitePeople.ts:463',
    saveData:
      'PUT safe /website/:website/people/data/:person {data:Values} -> nothing | website.savePeopleData UP WebsitePeople.ts:474',
    updateData:
      'PATCH safe /website/:website/people/data/:person {data:Values} -> nothing | website.updatePeopleData UP WebsitePeople.ts:489',
    getSubscription:
      'GET safe /website/:website/people/subscription/:person -> {email:boolean} | website.getPeopleSubscriptionStatus UP WebsitePeople.ts:505',
    updateSubscription:
      'PATCH safe /website/:website/people/subscription/:person {email:boolean} -> nothing | website.updatePeopleSubscriptionStatus UP WebsitePeople.ts:518',
    exportProfiles:
      'POST unsent /website/:website/people/export/profiles -> nothing | website.exportPeopleProfiles U WebsitePeople.ts:534',
    importProfiles:
      'POST unsent /website/:website/people/import/profiles {url:string,mapping:ImportColumn[],options?:ImportOptions} -> {import_id:string} | website.importPeopleProfiles U WebsitePeople.ts:547',
  },
  /** Settings of a website. */
  settings: {
    get: 'GET safe /website/:website/settings -> Settings | website.getWebsiteSettings UP WebsiteSettings.ts:200',
    update:
      'PATCH safe /website/:website/settings Settings -> nothing | website.updateWebsiteSettings UP WebsiteSettings.ts:209',
  },
  /** Operators. */
  operators: {
    list: 'GET safe /website/:website/operators/list -> OperatorEntry[] | website.listWebsiteOperators UP WebsiteOperator.ts:73',
    listActive:
      'GET safe /website/:website/operators/active -> ActiveOperator[] | website.listLastActiveWebsiteOperators UP WebsiteOperator.ts:84',
    flushActive:
      'DELETE safe /website/:website/operators/active -> nothing | website.flushLastActiveWebsiteOperators U WebsiteOperator.ts:97',
    email:
      'POST unsent /website/:website/operators/email {recipient:string,user_id?:string,subject:string,message:string,target?:LinkTarget} -> nothing | website.sendEmailToWebsiteOperators UP WebsiteOperator.ts:108',
    get: 'GET safe /website/:website/operator/:operator -> Operator | website.getWebsiteOperator UP WebsiteOperator.ts:121',
    invite:
      'POST unsent /website/:website/operator {email:string,role:string,verify:Verification} -> nothing | website.inviteWebsiteOperator U WebsiteOperator.ts:134',
    update:
      'PATCH safe /website/:website/operator/:operator {role:string,title?:string} -> nothing | website.changeOperatorMembership U WebsiteOperator.ts:153',
    remove:
      'DELETE safe /website/:website/operator/:operator -> nothing | website.unlinkOperatorFromWebsite U WebsiteOperator.ts:171',
  },
  /** Who is available. */
  availability: {
    getStatus:
      'GET safe /website/:website/availability/status -> Availability | website.getWebsiteAvailabilityStatus UP WebsiteAvailability.ts:46',
    listOperators:
      'GET safe /website/:website/availability/operators -> OperatorAvailability[] | website.listWebsiteOperatorAvailabilities UP WebsiteAvailability.ts:59',
  },
  /** Inboxes. */
  inboxes: {
    list: 'GET safe /website/:website/inboxes/list/:page -> Inbox[] | website.listInboxes UP WebsiteInbox.ts:64',
    order:
      'PATCH safe /website/:website/inboxes/batch/order {orders:InboxOrder[]} -> nothing | website.batchOrderInboxes U WebsiteInbox.ts:77',
    create:
      'POST unsent /website/:website/inbox InboxInput -> {inbox_id:string} | website.createNewInbox U WebsiteInbox.ts:90',
    exists:
      'HEAD safe /website/:website/inbox/:inbox -> exists | website.checkInboxExists UP WebsiteInbox.ts:101',
    get: 'GET safe /website/:website/inbox/:inbox -> Inbox | website.getInbox UP WebsiteInbox.ts:110',
    save: 'PUT safe /website/:website/inbox/:inbox InboxInput -> nothing | website.saveInbox U WebsiteInbox.ts:119',
    remove:
      'DELETE safe /website/:website/inbox/:inbox -> nothing | website.deleteInbox U WebsiteInbox.ts:132',
  },
  /** Teams. */
  teams: {
    list: 'GET safe /website/:website/teams/list/:page -> Team[] | website.listTeams ? WebsiteTeams.ts:43',
    create:
      'POST unsent /website/:website/team TeamInput -> {team_id:string} | website.createNewTeam ? WebsiteTeams.ts:56',
    exists: 'HEAD safe /website/:website/team/:team -> exists | website.checkTeamExists ? WebsiteTeams.ts:67',
    get: 'GET safe /website/:website/team/:team -> Team | website.getTeam ? WebsiteTeams.ts:76',
    save: 'PUT safe /website/:website/team/:team TeamInput -> nothing | website.saveTeam ? WebsiteTeams.ts:85',
    remove: 'DELETE safe /website/:website/team/:team -> nothing | website.deleteTeam ? WebsiteTeams.ts:98',
  },
  /** Many at once. */
  batch: {
    resolve:
      'PATCH safe /website/:website/batch/resolve {inbox_id?:string,sessions?:string[]} -> nothing | website.batchResolveConversations U WebsiteBatch.ts:76',
    unresolve:
      'PATCH safe /website/:website/batch/unresolve {inbox_id?:string,sessions?:string[]} -> nothing | website.batchUnresolveConversations ? WebsiteBatch.ts:89',
    read: 'PATCH safe /website/:website/batch/read {inbox_id?:string,sessions?:string[]} -> nothing | website.batchReadConversations U WebsiteBatch.ts:102',
    unread:
      'PATCH safe /website/:website/batch/unread {inbox_id?:string,sessions?:string[]} -> nothing | website.batchUnreadConversations ? WebsiteBatch.ts:115',
    remove:
      'PATCH safe /website/:website/batch/remove {inbox_id?:string,sessions?:string[]} -> nothing | website.batchRemoveConversations U WebsiteBatch.ts:128',
    removePeople:
      'PATCH safe /website/:website/batch/remove {people:PeopleSelection} -> nothing | website.batchRemovePeople U WebsiteBatch.ts:141',
    report:
      'POST unsent /website/:website/batch/report {sessions:string[],flag:string} -> nothing | website.batchReportConversations ? WebsiteBatch.ts:158',
    block:
      'PATCH safe /website/:website/batch/block {sessions:string[],blocked:boolean} -> nothing | website.batchBlockConversations ? WebsiteBatch.ts:171',
    route:
      'PATCH safe /website/:website/batch/routing {sessions:string[],assigned:UserReference|null} -> nothing | website.batchRoutingConversations ? WebsiteBatch.ts:184',
    setInbox:
      'PATCH safe /website/:website/batch/inbox {sessions:string[],inbox_id:string|null} -> nothing | website.batchInboxConversations ? WebsiteBatch.ts:197',
    updateData:
      'PATCH safe /website/:website/batch/data {sessions:string[],data:Values} -> nothing | website.batchUpdateConversationsData ? WebsiteBatch.ts:210',
    updatePeopleData:
      'PATCH safe /website/:website/batch/data {people:PeopleSelection,data:Values} -> nothing | website.batchUpdatePeopleData ? WebsiteBatch.ts:223',
    updateSegments:
      'PATCH safe /website/:website/batch/segments {sessions:string[],segments:string[]} -> nothing | website.batchUpdateConversationsSegments ? WebsiteBatch.ts:242',
    updatePeopleSegments:
      'PATCH safe /website/:website/batch/segments {people:PeopleSelection,segments:string[]} -> nothing | website.batchUpdatePeopleSegments ? WebsiteBatch.ts:255',
  },
  /** Visitors of the website. */
  visitors: {
    count:
      'GET safe /website/:website/visitors/count -> VisitorCount | website.countVisitors UP WebsiteVisitors.ts:118',
    list: 'GET safe /website/:website/visitors/list/:page -> Visitor[] | website.listVisitors UP WebsiteVisitors.ts:127',
    map: 'GET safe /website/:website/visitors/map?{center_longitude:number,center_latitude:number,center_radius:number} -> MapPoint[] | website.pinpointVisitorsOnMap UP WebsiteVisitors.ts:140',
    getSession:
      'GET safe /website/:website/visitors/token/:token -> SessionReference | website.getSessionIdentifierFromToken UP WebsiteVisitors.ts:171',
    countBlocked:
      'GET safe /website/:website/visitors/blocked -> BlockedVisitors[] | website.countBlockedVisitors U WebsiteVisitors.ts:184',
    countBlockedInRule:
      'GET safe /website/:website/visitors/blocked/:rule -> unknown | website.countBlockedVisitorsInRule U WebsiteVisitors.ts:193',
    clearBlockedInRule:
      'DELETE safe /website/:website/visitors/blocked/:rule -> nothing | website.clearBlockedVisitorsInRule U WebsiteVisitors.ts:206',
  },
  /** Identity verification. */
  verify: {
    getSettings:
      'GET safe /website/:website/verify/settings -> {enabled:boolean} | website.getVerifySettings UP WebsiteVerify.ts:46',
    updateSettings:
      'PATCH safe /website/:website/verify/settings {enabled:boolean} -> nothing | website.updateVerifySettings UP WebsiteVerify.ts:55',
    getKey:
      'GET safe /website/:website/verify/key -> {key:string} | website.getVerifyKey UP WebsiteVerify.ts:68',
    rollKey:
      'POST unsent /website/:website/verify/key -> nothing | website.rollVerifyKey UP WebsiteVerify.ts:77',
  },
  /** Analytics. */
  analytics: {
    generate:
      'POST unsent /website/:website/analytics/generate object -> object | website.generateAnalytics U WebsiteAnalytics.ts:26',
  },
  /** Realtime endpoints of a website. */
  connect: {
    getEndpoints:
      'GET safe /website/:website/connect/endpoints -> Endpoints | website.getConnectEndpoints ? WebsiteConnect.ts:44',
  },
  /** Campaigns. */
  campaigns: {
    list: 'GET safe /website/:website/campaigns/list/:page -> Campaign[] | website.listCampaigns U WebsiteCampaign.ts:152',
    listTags:
      'GET safe /website/:website/campaigns/tags -> string[] | website.listCampaignTags U WebsiteCampaign.ts:165',
    create:
      'POST unsent /website/:website/campaign {type:string,name:string} -> {campaign_id:string} | website.createNewCampaign U WebsiteCampaign.ts:270',
    exists:
      'HEAD safe /website/:website/campaign/:campaign -> exists | website.checkCampaignExists U WebsiteCampaign.ts:288',
    get: 'GET safe /website/:website/campaign/:campaign -> CampaignItem | website.getCampaign U WebsiteCampaign.ts:297',
    save: 'PUT safe /website/:website/campaign/:campaign CampaignInput -> nothing | website.saveCampaign U WebsiteCampaign.ts:308',
    update:
      'PATCH safe /website/:website/campaign/:campaign CampaignInput -> nothing | website.updateCampaign U WebsiteCampaign.ts:321',
    remove:
      'DELETE safe /website/:website/campaign/:campaign -> nothing | website.removeCampaign U WebsiteCampaign.ts:334',
    dispatch:
      'POST never /website/:website/campaign/:campaign/dispatch -> nothing | website.dispatchCampaign U WebsiteCampaign.ts:343',
    resume:
      'POST never /website/:website/campaign/:campaign/resume -> nothing | website.resumeCampaign U WebsiteCampaign.ts:357',
    pause:
      'POST unsent /website/:website/campaign/:campaign/pause -> nothing | website.pauseCampaign U WebsiteCampaign.ts:371',
    test: 'POST unsent /website/:website/campaign/:campaign/test -> nothing | website.testCampaign U WebsiteCampaign.ts:385',
    listRecipients:
      'GET safe /website/:website/campaign/:campaign/recipients/:page -> CampaignRecipient[] | website.listCampaignRecipients U WebsiteCampaign.ts:399',
    listStatistics:
      'GET safe /website/:website/campaign/:campaign/statistics/:action/:page -> CampaignStatistic[] | website.listCampaignStatistics U WebsiteCampaign.ts:413',
  },
  /** Templates of campaigns. */
  campaignTemplates: {
    list: 'GET safe /website/:website/campaigns/templates/:page -> CampaignTemplate[] | website.listCampaignTemplates UP WebsiteCampaign.ts:174',
    create:
      'POST unsent /website/:website/campaigns/template {format:string,name:string} -> {template_id:string} | website.createNewCampaignTemplate UP WebsiteCampaign.ts:187',
    exists:
      'HEAD safe /website/:website/campaigns/template/:template -> exists | website.checkCampaignTemplateExists UP WebsiteCampaign.ts:205',
    get: 'GET safe /website/:website/campaigns/template/:template -> CampaignTemplate | website.getCampaignTemplate UP WebsiteCampaign.ts:216',
    save: 'PUT safe /website/:website/campaigns/template/:template CampaignTemplateInput -> nothing | website.saveCampaignTemplate UP WebsiteCampaign.ts:229',
    update:
      'PATCH safe /website/:website/campaigns/template/:template CampaignTemplateInput -> nothing | website.updateCampaignTemplate UP WebsiteCampaign.ts:244',
    remove:
      'DELETE safe /website/:website/campaigns/template/:template -> nothing | website.removeCampaignTemplate UP WebsiteCampaign.ts:259',
  },
  /** The helpdesk. */
  helpdesk: {
    exists:
      'HEAD safe /website/:website/helpdesk -> exists | website.checkHelpdeskExists UP WebsiteHelpdesk.ts:290',
    get: 'GET safe /website/:website/helpdesk -> {name:string,url:string} | website.resolveHelpdesk UP WebsiteHelpdesk.ts:299',
    initialize:
      'POST unsent /website/:website/helpdesk {name:string,domain_basic:string} -> nothing | website.initializeHelpdesk U WebsiteHelpdesk.ts:308',
    remove:
      'DELETE safe /website/:website/helpdesk {verify:Verification} -> nothing | website.deleteHelpdesk U WebsiteHelpdesk.ts:322',
    listLocales:
      'GET safe /website/:website/helpdesk/locales/:page -> HelpdeskLocale[] | website.listHelpdeskLocales UP WebsiteHelpdesk.ts:335',
    addLocale:
      'POST unsent /website/:website/helpdesk/locale {locale:string} -> object | website.addHelpdeskLocale UP WebsiteHelpdesk.ts:348',
    localeExists:
      'HEAD safe /website/:website/helpdesk/locale/:locale -> exists | website.checkHelpdeskLocaleExists UP WebsiteHelpdesk.ts:363',
    getLocale:
      'GET safe /website/:website/helpdesk/locale/:locale -> HelpdeskLocale | website.resolveHelpdeskLocale UP WebsiteHelpdesk.ts:374',
    removeLocale:
      'DELETE safe /website/:website/helpdesk/locale/:locale -> nothing | website.deleteHelpdeskLocale UP WebsiteHelpdesk.ts:387',
    listPages:
      'GET safe /website/:website/helpdesk/page/list/:locale/:type/:page -> HelpdeskPage[] | website.listHelpdeskPages ? WebsiteHelpdesk.ts:398',
    getPage:
      'GET safe /website/:website/helpdesk/page/entity/:locale/:type/:entity -> HelpdeskPage | website.resolveHelpdeskPageEntity ? WebsiteHelpdesk.ts:413',
    listTree:
      'GET safe /website/:website/helpdesk/tree/list/:locale/:type/:page?{sub_path:string,search_title:string,filter_date_start:string,filter_date_end:string} -> HelpdeskTreeEntry[] | website.listHelpdeskTree ? WebsiteHelpdesk.ts:428',
    createPath:
      'POST unsent /website/:website/helpdesk/tree/path/:locale/:type/:path -> object | website.createHelpdeskTreePath ? WebsiteHelpdesk.ts:465',
    getPath:
      'GET safe /website/:website/helpdesk/tree/path/:locale/:type/:path -> HelpdeskTreeEntry | website.resolveHelpdeskTreePath ? WebsiteHelpdesk.ts:483',
    updatePath:
      'PATCH unsent /website/:website/helpdesk/tree/path/:locale/:type/:path {action:string,path?:HelpdeskMove,position?:number} -> nothing | website.updateHelpdeskTreePath ? WebsiteHelpdesk.ts:498',
    removePath:
      'DELETE safe /website/:website/helpdesk/tree/path/:locale/:type/:path -> nothing | website.deleteHelpdeskTreePath ? WebsiteHelpdesk.ts:516',
    getContent:
      'GET safe /website/:website/helpdesk/tree/content/:locale/:type/:path -> {content:string} | website.resolveHelpdeskTreeContent ? WebsiteHelpdesk.ts:531',
    saveContent:
      'PUT safe /website/:website/helpdesk/tree/content/:locale/:type/:path {content:string} -> nothing | website.saveHelpdeskTreeContent ? WebsiteHelpdesk.ts:546',
    getMetadata:
      'GET safe /website/:website/helpdesk/tree/metadata/:locale/:type/:path -> HelpdeskMetadata | website.resolveHelpdeskTreeMetadata ? WebsiteHelpdesk.ts:568',
    updateMetadata:
      'PATCH safe /website/:website/helpdesk/tree/metadata/:locale/:type/:path HelpdeskMetadata -> nothing | website.updateHelpdeskTreeMetadata ? WebsiteHelpdesk.ts:583',
    getTreePage:
      'GET safe /website/:website/helpdesk/tree/page/:locale/:type/:path -> {title:string,url:string} | website.resolveHelpdeskTreePage ? WebsiteHelpdesk.ts:601',
    listChanges:
      'GET safe /website/:website/helpdesk/history/changes/:page?{filter_locale:string,filter_type:string,filter_tree_path:string} -> HelpdeskChange[] | website.listHelpdeskHistoryChanges ? WebsiteHelpdesk.ts:616',
    getChange:
      'GET safe /website/:website/helpdesk/history/change/:change -> HelpdeskChange | website.resolveHelpdeskHistoryChange ? WebsiteHelpdesk.ts:647',
    cancelChange:
      'DELETE safe /website/:website/helpdesk/history/change/:change {action:string} -> nothing | website.cancelHelpdeskHistoryChange ? WebsiteHelpdesk.ts:660',
    refresh:
      'POST unsent /website/:website/helpdesk/refresh/:locale/:type -> nothing | website.requestHelpdeskContentRefresh ? WebsiteHelpdesk.ts:679',
    getRatings:
      'GET safe /website/:website/helpdesk/feedback/ratings/:locale/:type?{filter_date_start:string,filter_date_end:string} -> HelpdeskRatings | website.mapHelpdeskLocaleFeedbackRatings UP WebsiteHelpdesk.ts:695',
    listFeedback:
      'GET safe /website/:website/helpdesk/feedback/list/:locale/:type/:page?{filter_date_start:string,filter_date_end:string} -> HelpdeskFeedback[] | website.listHelpdeskLocaleFeedbacks UP WebsiteHelpdesk.ts:726',
    importExternal:
      'POST unsent /website/:website/helpdesk/import/:locale/:type {helpdesk_url:string,detect_locales?:boolean,other_locales?:string[]} -> nothing | website.importExternalHelpdeskToLocale U WebsiteHelpdesk.ts:758',
    exportArticles:
      'POST unsent /website/:website/helpdesk/export/:locale/:type -> nothing | website.exportHelpdeskLocaleArticles U WebsiteHelpdesk.ts:774',
    listRedirections:
      'GET safe /website/:website/helpdesk/redirections/:page -> HelpdeskRedirection[] | website.listHelpdeskRedirections UP WebsiteHelpdesk.ts:790',
    addRedirection:
      'POST unsent /website/:website/helpdesk/redirection {path:string,target:string} -> {redirection_id:string} | website.addHelpdeskRedirection UP WebsiteHelpdesk.ts:803',
    redirectionExists:
      'HEAD safe /website/:website/helpdesk/redirection/:redirection -> exists | website.checkHelpdeskRedirectionExists UP WebsiteHelpdesk.ts:821',
    getRedirection:
      'GET safe /website/:website/helpdesk/redirection/:redirection -> HelpdeskRedirection | website.resolveHelpdeskRedirection UP WebsiteHelpdesk.ts:832',
    removeRedirection:
      'DELETE safe /website/:website/helpdesk/redirection/:redirection -> nothing | website.deleteHelpdeskRedirection UP WebsiteHelpdesk.ts:845',
    getSettings:
      'GET safe /website/:website/helpdesk/settings -> object | website.resolveHelpdeskSettings UP WebsiteHelpdesk.ts:856',
    updateSettings:
      'PATCH safe /website/:website/helpdesk/settings object -> nothing | website.saveHelpdeskSettings UP WebsiteHelpdesk.ts:865',
    getDomain:
      'GET safe /website/:website/helpdesk/domain -> HelpdeskDomain | website.resolveHelpdeskDomain U WebsiteHelpdesk.ts:876',
    changeDomain:
      'PATCH safe /website/:website/helpdesk/domain {basic?:string,custom?:string} -> nothing | website.requestHelpdeskDomainChange U WebsiteHelpdesk.ts:885',
    getDomainSetup:
      'GET safe /website/:website/helpdesk/domain/setup?{custom:string} -> object | website.generateHelpdeskDomainSetupFlow U WebsiteHelpdesk.ts:909',
  },
  /** The plugin that the token belongs to. */
  plugin: {
    getAccount:
      'GET safe /plugin/connect/account -> {plugin_id:string} | plugin.getConnectAccount P PluginConnect.ts:62',
    isSessionValid:
      'HEAD safe /plugin/connect/session -> exists | plugin.checkConnectSessionValidity P PluginConnect.ts:71',
    listWebsites:
      'GET safe /plugin/connect/websites/all/:page?{filter_configured:Flag,include_plan:Flag} -> ConnectWebsite[] | plugin.listAllConnectWebsites P PluginConnect.ts:82',
    listWebsitesSince:
      'GET safe /plugin/connect/websites/since?{filter_configured:Flag,include_plan:Flag,date_since:string} -> ConnectWebsite[] | plugin.listConnectWebsitesSince P PluginConnect.ts:108',
    getEndpoints:
      'GET safe /plugin/connect/endpoints -> Endpoints | plugin.getConnectEndpoints P PluginConnect.ts:139',
  },
  /** Plugins of a website. */
  pluginSubscriptions: {
    list: 'GET safe /plugins/subscription -> PluginSubscription[] | plugin.listAllActiveSubscriptions U PluginSubscription.ts:80',
    listForWebsite:
      'GET safe /plugins/subscription/:website -> PluginSubscription[] | plugin.listSubscriptionsForWebsite U PluginSubscription.ts:89',
    get: 'GET safe /plugins/subscription/:website/:plugin -> PluginSubscription | plugin.getSubscriptionDetails UP PluginSubscription.ts:100',
    subscribe:
      'POST never /plugins/subscription/:website {plugin_id:string} -> nothing | plugin.subscribeWebsiteToPlugin U PluginSubscription.ts:111',
    unsubscribe:
      'DELETE safe /plugins/subscription/:website/:plugin -> nothing | plugin.unsubscribePluginFromWebsite U PluginSubscription.ts:126',
    getSettings:
      'GET safe /plugins/subscription/:website/:plugin/settings -> PluginSettings | plugin.getSubscriptionSettings UP PluginSubscription.ts:137',
    saveSettings:
      'PUT safe /plugins/subscription/:website/:plugin/settings object -> nothing | plugin.saveSubscriptionSettings UP PluginSubscription.ts:150',
    updateSettings:
      'PATCH safe /plugins/subscription/:website/:plugin/settings object -> nothing | plugin.updateSubscriptionSettings UP PluginSubscription.ts:165',
    listBills:
      'GET safe /plugins/subscription/:website/:plugin/bill/usage -> object | plugin.getPluginUsageBills UP PluginSubscription.ts:180',
    reportUsage:
      'POST never /plugins/subscription/:website/:plugin/bill/usage object -> nothing | plugin.reportPluginUsageToBill P PluginSubscription.ts:191',
    getProvenance:
      'GET safe /plugins/subscription/:website/:plugin/attest/provenance -> object | plugin.getPluginAttestProvenance UP PluginSubscription.ts:204',
    forwardToChannel:
      'POST unsent /plugins/subscription/:website/:plugin/channel {namespace:string,identifier?:string,payload:object} -> nothing | plugin.forwardPluginPayloadToChannel UP PluginSubscription.ts:215',
    dispatchEvent:
      'POST unsent /plugins/subscription/:website/:plugin/event {name:string,data:object} -> nothing | plugin.dispatchPluginEvent UP PluginSubscription.ts:230',
  },
  /** Plans and coupons. */
  plans: {
    list: 'GET safe /plans/subscription -> PlanSubscription[] | plan.listAllActiveSubscriptions U PlanSubscription.ts:76',
    get: 'GET safe /plans/subscription/:website -> PlanSubscription | plan.getPlanSubscriptionForWebsite UP PlanSubscription.ts:85',
    subscribe:
      'POST never /plans/subscription/:website {plan_id:string} -> nothing | plan.subscribeWebsiteToPlan U PlanSubscription.ts:94',
    unsubscribe:
      'DELETE safe /plans/subscription/:website -> nothing | plan.unsubscribePlanFromWebsite U PlanSubscription.ts:109',
    setBillPeriod:
      'PATCH safe /plans/subscription/:website/bill/period {period:=monthly|yearly} -> nothing | plan.changeBillPeriodForWebsitePlanSubscription U PlanSubscription.ts:118',
    getCoupon:
      'GET safe /plans/subscription/:website/coupon?{code:string} -> PlanCoupon | plan.checkCouponAvailabilityForWebsitePlanSubscription U PlanSubscription.ts:138',
    redeemCoupon:
      'PATCH never /plans/subscription/:website/coupon {code:string} -> nothing | plan.redeemCouponForWebsitePlanSubscription U PlanSubscription.ts:154',
  },
  /** Uploads: the answer is an event, bucket:url:*:generated. */
  buckets: {
    generateUrl:
      'POST unsent /bucket/url/generate {namespace:string,id:string,file:BucketFile,resource?:BucketResource} -> nothing | bucket.generateBucketURL UP BucketURL.ts:47',
  },
  /** Animations: the answer is an event, media:animation:listed. */
  media: {
    listAnimations:
      'GET safe /media/animation/list/:page?{list_id:string,search_query:string} -> nothing | media.listAnimationMedias U MediaAnimation.ts:26',
  },
  /** The operator whose keypair it is. Not in the wrapper any more: the reference calls these routes internal. */
  user: {
    logIn:
      'POST unsent /user/session/login {email:string,password:string} -> Keypair | - U v1.8.0/UserSession.js:25',
    recover: 'POST unsent /user/session/recover {email:string} -> nothing | - U v1.8.0/UserSession.js:40',
    logOut: 'POST unsent /user/session/logout -> nothing | - U v1.8.0/UserSession.js:52',
    getProfile: 'GET safe /user/account/profile -> UserProfile | - U v1.8.0/UserProfile.js:23',
    updateProfile: 'PATCH safe /user/account/profile object -> nothing | - U v1.8.0/UserProfile.js:34',
    getAvailability: 'GET safe /user/availability -> object | - U internal-reference',
    getEndpoints: 'GET safe /user/connect/endpoints -> Endpoints | - U crisp.ts:785',
  },
  /** Where the links in e-mails lead. Which fields there are is not published. */
  emails: {
    getSubscription: 'GET safe /email/:hash/subscription/:key -> object | - ? internal-reference',
    updateSubscription:
      'PATCH safe /email/:hash/subscription/:key object -> nothing | - ? internal-reference',
  },
  /** Routes of the first wrapper that later ones do not have. */
  older: {
    getStatistics: 'GET safe /website/:website/stats -> object | - ? v1.8.0/WebsiteStats.js:24',
    listPeople: 'GET safe /website/:website/people/profiles -> Profile[] | - ? v1.8.0/WebsitePeople.js:38',
    listPeopleSegments:
      'GET safe /website/:website/people/segments/:page -> unknown[] | - ? v1.8.0/WebsitePeople.js:150',
    listPeopleConversations:
      'GET safe /website/:website/people/conversation/:person/list/:page -> string[] | - ? v1.8.0/WebsitePeople.js:163',
  },
} as const;
