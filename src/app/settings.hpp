// What `telltale serve` can be told: flags, TELLTALE_* environment variables and a config file, in
// this order of strength.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <CLI/App.hpp>

namespace telltale::app {

// There is one of it: what belongs together stands together.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
struct ServeSettings {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8000;
  std::string mcp_config;
  std::string persistence_path;  // "" is $XDG_STATE_HOME/telltale
  std::string log_level = "info";
  std::string log_format = "text";
  std::string log_dir;
  bool debug = false;
  bool isolation = false;
  bool open_browser = false;
  bool test_client = false;
  bool run_tests = false;
  unsigned loops = 0;
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> allowed_origins;
  bool disable_query_token = false;
  std::string tls_certificate, tls_key;  // PEM files; both or none
  std::string public_url;                // as browsers reach us; "" is where we listen
  std::uint32_t rate_limit_per_minute = 6000;
  std::vector<std::string> outbound_allow{"internet", "private", "loopback"};
  double drain_seconds = 10;
  std::string content_path;  // "" is content/ in the state directory
  std::uint64_t memory_cache_bytes = 64ULL << 20U;
  std::uint64_t disk_cache_bytes = 10ULL << 30U;
  std::vector<std::string> ipfs_gateways;
  std::string ipfs_api;
  std::vector<std::string> webrtc_bind, webrtc_announce;  // addresses; none: where host is
  std::uint16_t webrtc_port = 0;                          // of the first loop; 0: any
  std::size_t webrtc_connections_max = 10'000;
  std::size_t webrtc_connections_per_user_max = 1'000;
  double poll_interval_s = 2;  // between the statistics of a connection
  bool disable_webrtc_monitor = false;
  bool disable_webrtc_metrics = false;
  int webrtc_metrics_port = -1;  // below 0: 9090 unless it is taken
  bool disable_optimization = false;
  bool disable_auto_quality = false;
  std::string metrics_path = "/metrics";
  bool disable_metrics = false;
  std::string report_path = "./webrtc_reports";
  std::optional<double> visualization_interval_s;  // beats the configuration's
  std::string webrtc_config_path;
  std::vector<std::string> ice_servers;  // that clients are told
  std::string turn_secret, turn_username, turn_password;
  std::string smtp_url, smtp_from, smtp_username, smtp_password, smtp_ca;
  bool smtp_plaintext = false;
  bool public_badges = false;
  bool no_discover = false;
  bool no_presence = false;
  bool presence_mutual = false;
  std::string media_folder;  // files of it are played as file:NAME; "" none
};

CLI::App* add_serve(CLI::App& app, ServeSettings& settings);

}  // namespace telltale::app
