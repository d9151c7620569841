// Names that several files of mcp need: protocol versions (2026-07-28 basic/versioning), _meta keys
// and error codes (basic/index). Nothing here has a life.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace telltale::mcp {

inline constexpr std::string_view kModernVersion = "2026-07-28";
// Newest first: the order in which we would rather speak them.
inline constexpr std::array<std::string_view, 5> kLegacyVersions{
    "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2024-10-07"};
inline constexpr std::string_view kNewestLegacy = kLegacyVersions.front();
inline bool is_legacy_version(std::string_view version) {
  return std::ranges::find(kLegacyVersions, version) != kLegacyVersions.end();
}

namespace meta {
inline constexpr std::string_view kVersion = "io.modelcontextprotocol/protocolVersion";
inline constexpr std::string_view kClientInfo = "io.modelcontextprotocol/clientInfo";
inline constexpr std::string_view kClientCapabilities =
    "io.modelcontextprotocol/clientCapabilities";
inline constexpr std::string_view kServerInfo = "io.modelcontextprotocol/serverInfo";
inline constexpr std::string_view kLogLevel = "io.modelcontextprotocol/logLevel";
inline constexpr std::string_view kSubscription = "io.modelcontextprotocol/subscriptionId";
}  // namespace meta

inline constexpr std::string_view kTasksExtension = "io.modelcontextprotocol/tasks";

namespace rpc {
inline constexpr std::int64_t kMethodNotFound = -32601;
inline constexpr std::int64_t kInvalidParams = -32602;
inline constexpr std::int64_t kBusy = -32000;
inline constexpr std::int64_t kHeaderMismatch = -32020;
inline constexpr std::int64_t kMissingCapability = -32021;
inline constexpr std::int64_t kUnsupportedVersion = -32022;
}  // namespace rpc

}  // namespace telltale::mcp
