// Connections, operations and tasks in the shapes of the v0 interface, which dashboards of the
// programs before us read (requirements 1 to 3): times as Unix seconds, quality as a number beside
// its name. Pure.
#pragma once

#include "rtc/connection_record.hpp"
#include "runtime/task_registry.hpp"
#include "store/operations.hpp"

namespace telltale::rtc::v0 {

// low 20, medium 50, high 80; auto is what is sent now.
int quality_number(const ConnectionRecord& record) noexcept;
std::string_view status_of(const ConnectionRecord& record) noexcept;

// {connection_id, content_cid, status, start_time, …, stats}: of requirements 1 and 2 in one.
base::JsonObject connection(const ConnectionRecord& record);
// What exporters and the player of requirement 3 read: bandwidth.outbound.kbps, …
base::JsonObject figures(const ConnectionRecord& record);

// test_connection, stream_content, …: what the originals call webrtc.test_connection, webrtc.stream
std::string_view operation_name(std::string_view ours) noexcept;
base::JsonObject operation(const store::OperationRecord& record);
base::JsonObject task(const runtime::TaskInfo& task);

}  // namespace telltale::rtc::v0
