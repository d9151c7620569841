#include "live/event_types.hpp"

#include <algorithm>

namespace telltale::live {
namespace {

constexpr std::array kTypes{
    EventType{"mcp_status_change", "Status changed", "status", "A server's health status changed",
              "mcp_name,id,old_status,new_status,reason,severity,server",
              "info,warning,error,critical"},
    EventType{"circuit_breaker_state", "Circuit changed", "status",
              "A server's circuit breaker changed its state",
              "mcp_name,old_state,new_state,failure_count,threshold,failure_cycles,severity,"
              "message,retry_at",
              "info,warning,error"},
    EventType{"mcp_health_check", "Health check", "status", "A health check ended",
              "mcp_name,id,ok,health_status,response_time_ms,time,error,p50_ms,p95_ms,process,"
              "circuit,calls,"
              "next_health_check"},
    EventType{"mcp_auto_disabled", "Server disabled", "status",
              "A server failed too many circuit cycles", "mcp_name,reason,failure_cycles,severity",
              "critical"},
    EventType{"config_changed", "Configuration changed", "status",
              "A server was added, changed, removed or lists differ", "kind,mcp_name,id,server"},
    EventType{"health_event", "Health event", "events",
              "Something happened to a server's process or session", "mcp_name,event_type,data",
              "debug,info,warning,error"},
    EventType{"tap_message", "Tapped message", "events",
              "A message between a client and its server that `telltale tap` saw",
              "tap,direction,kind,method,id,bytes,duration_ms,time,message,dropped",
              "info,warning"},
    EventType{"content", "Content", "events",
              "Content was added, pinned, unpinned, removed or collected; a block or a gateway was "
              "refused",
              "what,subject,detail", "info,warning"},
    EventType{"loop_stall", "Loop stall", "events", "A task held its loop for over 100 ms",
              "loop,task,duration_ms", "warning"},
    EventType{"security", "Security", "events",
              "The certificate of the port was taken, was not taken, or ends soon",
              "what,detail,not_after,days", "info,warning,error"},
    EventType{"log", "Log line", "logs", "A line of a server's log",
              "log_seq,server,stream,level,message,time", "debug,info,warning,error"},
    EventType{
        "operation", "Operation", "operations", "An operation started, moved on or ended",
        "operation_id,operation,actor,subject,status,success,start_time,end_time,duration_ms,error",
        "info,warning"},
    EventType{"schedule", "Schedule", "operations",
              "A run of a schedule began, ended, or did not happen",
              "run_id,schedule,name,cause,actor,planned,started,ended,status,operation_id,detail",
              "info,warning"},
    EventType{"task", "Task", "operations", "A named task started or ended",
              "task_id,name,loop,owner,created_at,completed,completed_at,error"},
    EventType{"tool_progress", "Tool progress", "operations", "A running tool reported progress",
              "operation_id,server,tool,progress,total,message"},
    EventType{"tool_result", "Tool result", "operations", "A tool call ended",
              "operation_id,server,tool,is_error,duration_ms", "info,warning"},
    EventType{"input_request", "Input wanted", "operations",
              "A running tool asks the person behind it",
              "operation_id,request_id,server,kind,message,requested_schema"},
    EventType{"webrtc_connection", "WebRTC connection", "webrtc",
              "A WebRTC connection began, changed its state or its rendition, or ended",
              "event,connection_id,connection,from,to,reason", "info,warning"},
    EventType{"webrtc_stats", "WebRTC statistics", "webrtc",
              "Figures of a WebRTC connection, each poll interval",
              "timestamp,connection_id,state,quality,rendition,transport,candidatePair,bandwidth,"
              "outboundRtp,remoteInboundRtp,inboundRtp,scores",
              "debug"},
    EventType{"webrtc_health", "WebRTC health", "webrtc",
              "Something became of a WebRTC connection: loss, freezes, its health, a decision of "
              "the optimiser",
              "connection_id,event_type,sentence,health,decision,reason,done,detail,buffer_size,"
              "prefetch_threshold",
              "info,warning"},
    EventType{"test_progress", "Test run", "tests",
              "A test run started, moved on or ended; or one of its cases did",
              "event,run_id,suite,suite_id,done,total,case,status,totals", "info,warning"},
    EventType{"presence", "Presence", "presence",
              "Somebody came, moved on or left; the list of who is here; the view of whom one "
              "follows",
              "event,me,invisible,mutual,people,person,id,page,query,scroll,elsewhere"},
    EventType{"cursor", "Cursor", "presence", "A cursor or a selection on the page one looks at",
              "id,anchor,selection"},
    EventType{"chat", "Chat", "presence", "A message was said or removed", "event,message,id,room"},
    EventType{"annotation", "Annotation", "presence",
              "Something was written on a chart, changed or removed", "event,annotation"},
    EventType{
        "alert", "Alert", "alerts",
        "An alert fired, was acknowledged, silenced or escalated, or is over; or browsers are "
        "to tell of it (notification, test)",
        "event,id,rule,name,state,severity,server,labels,summary,value,runbook,pending_since,"
        "fired_at,resolved_at,acknowledged_by,acknowledged_at,note,escalated_at,told,silence,"
        "title",
        "info,warning,critical"},
    EventType{"alert_delivery", "Alert told", "alerts",
              "A notification was delivered to a channel, or was not",
              "channel_id,channel,kind,outcome,attempts,error,rule,name,alerts,resolved,test",
              "info,error"},
    EventType{"audit", "Audit entry", "audit",
              "Something was done or refused; for those who may read the audit",
              "seq,time,actor,address,action,subject,arguments,outcome,detail,operation_id,hash",
              "info,warning"},
    EventType{"metrics", "New points", "metrics",
              "The newest points of the series of one name, and of one server where they are of "
              "servers; once a second at most",
              "metric_name,server,unit,points"},
    EventType{
        "system_metrics", "System metrics", "metrics",
        "Figures of the fleet and of this process, every 5 s",
        "total_mcps,healthy_mcps,unhealthy_mcps,cpu_percent,memory_bytes,loops,websocket_clients"},
};

struct Channel {
  std::string_view id;
  std::string_view label;
};
// Channels of later parts of the product are taken already, so that a client can subscribe to what
// will come.
constexpr std::array kChannels{
    Channel{"status", "Status"},         Channel{"logs", "Logs"},
    Channel{"metrics", "Metrics"},       Channel{"events", "Events"},
    Channel{"operations", "Operations"}, Channel{"tests", "Tests"},
    Channel{"webrtc", "WebRTC"},         Channel{"alerts", "Alerts"},
    Channel{"audit", "Audit"},           Channel{"presence", "Presence"},
};

base::JsonArray split(std::string_view list) {
  base::JsonArray out;
  while (!list.empty()) {
    const auto end = list.find(',');
    out.push_back(base::Json(list.substr(0, end)));
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  }
  return out;
}

}  // namespace

std::span<const EventType> event_types() {
  return kTypes;
}

bool is_event_type(std::string_view id) {
  return std::ranges::find(kTypes, id, &EventType::id) != kTypes.end();
}
bool is_channel(std::string_view id) {
  return std::ranges::find(kChannels, id, &Channel::id) != kChannels.end();
}

std::string channel_list() {
  std::string out;
  for (const auto& channel : kChannels) out.append(out.empty() ? "" : ", ").append(channel.id);
  return out;
}

base::JsonObject metadata() {
  base::JsonArray categories;
  for (const auto& channel : kChannels) {
    base::JsonArray events;
    for (const auto& type : kTypes)
      if (type.channel == channel.id)
        events.push_back({{"id", type.id},
                          {"label", type.label},
                          {"description", type.description},
                          {"severity_levels", split(type.severities)},
                          {"fields", split(type.fields)}});
    if (!events.empty())
      categories.push_back(
          {{"id", channel.id}, {"label", channel.label}, {"events", std::move(events)}});
  }
  return {{"categories", std::move(categories)}};
}

}  // namespace telltale::live
