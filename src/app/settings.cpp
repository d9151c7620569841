#include "app/settings.hpp"

#include <cstdlib>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace telltale::app {

CLI::App* add_serve(CLI::App& app, ServeSettings& s) {
  auto* const serve = app.add_subcommand("serve", "Run the server");
  const auto flag = [&](const std::string& name, auto& value, const std::string& help) {
    std::string variable = "TELLTALE_";
    for (const char c : name.substr(2))
      variable += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    if constexpr (std::is_same_v<std::remove_reference_t<decltype(value)>, bool>)
      return serve->add_flag(name, value, help)->envname(variable);
    else
      return serve->add_option(name, value, help)->envname(variable)->capture_default_str();
  };
  flag("--host", s.host, "Address to listen on");
  flag("--port", s.port, "Port to listen on; 0 takes a free one");
  flag("--mcp-config", s.mcp_config,
       "Fleet file: {\"mcpServers\": {NAME: {command, args, env, cwd} | {type, url, headers}}}")
      ->check(CLI::ExistingFile);
  flag("--persistence-path", s.persistence_path, "State directory");
  flag("--isolation", s.isolation,
       "Use a fresh temporary state directory and remove it at the end");
  flag("--log-level", s.log_level, "debug, info, warning, error or off");
  flag("--log-format", s.log_format, "text or json")->check(CLI::IsMember({"text", "json"}));
  flag("--log-dir", s.log_dir, "Also write telltale.log and what WebRTC did here, rotated");
  flag("--debug", s.debug, "Same as --log-level debug");
  flag("--test-client", s.test_client,
       "Also be one's own audience: three WebRTC viewers of the test pattern, as of `simulate`");
  flag("--run-tests", s.run_tests,
       "Start, try MCP and WebRTC on itself, print a report and end; 0 when all is well, else 1");
  flag("--open-browser", s.open_browser, "Open the login link with xdg-open");
  flag("--loops", s.loops, "Event loops; 0 is one per core");
  flag("--allow-host", s.allowed_hosts, "Host names this server answers to besides loopback");
  flag("--allow-origin", s.allowed_origins, "Origins that may send requests besides our own");
  flag("--disable-query-token", s.disable_query_token, "Refuse ?token= on WebSockets");
  auto* const certificate = flag("--tls-cert", s.tls_certificate, "Certificate chain (PEM): HTTPS");
  auto* const key = flag("--tls-key", s.tls_key, "Private key of --tls-cert (PEM)");
  certificate->needs(key);
  key->needs(certificate);
  flag("--public-url", s.public_url,
       "Where browsers reach this server, behind a proxy say: where OAuth sends them back to");
  flag("--outbound-allow", s.outbound_allow,
       "Where URLs may lead: internet, private, loopback, address blocks, or none");
  auto* const rate = flag("--rate-limit-per-minute", s.rate_limit_per_minute,
                          "Requests a minute of one caller, or of one unknown address; 0: any");
  if (std::getenv("TELLTALE_RATE_LIMIT_PER_MINUTE") == nullptr)  // NOLINT(concurrency-mt-unsafe)
    rate->envname("RATE_LIMIT_PER_MINUTE");                      // the name that older programs set
  flag("--parquet-cache-path", s.content_path,
       "Where the blocks of content lie; else content/ in the state directory");
  flag("--memory-cache-size", s.memory_cache_bytes, "Bytes of content kept in memory");
  flag("--disk-cache-size", s.disk_cache_bytes, "Bytes of content kept on disk");
  flag("--ipfs-gateway", s.ipfs_gateways,
       "Trustless gateways to fetch missing content from; each block is verified");
  flag("--ipfs-api", s.ipfs_api, "RPC of a kubo to fetch missing content from");
  flag(
      "--webrtc-port", s.webrtc_port,
      "UDP and TCP port of media on the first loop, the next loop has the next; 0 takes free ones");
  flag("--webrtc-bind", s.webrtc_bind, "Addresses media is sent from; else where --host is");
  flag("--webrtc-announce", s.webrtc_announce,
       "Addresses that clients are told, behind NAT the public ones; else those of the machine");
  flag("--webrtc-max-connections", s.webrtc_connections_max, "WebRTC connections in all");
  flag("--webrtc-max-connections-per-user", s.webrtc_connections_per_user_max,
       "WebRTC connections of one user");
  flag("--poll-interval", s.poll_interval_s, "Seconds between the statistics of a connection")
      ->check(CLI::Range(0.1, 3600.0));
  flag("--disable-webrtc-monitor", s.disable_webrtc_monitor,
       "No scores, timelines, optimisation nor WebRTC metrics");
  flag("--webrtc-config-path", s.webrtc_config_path, "Configuration of the WebRTC monitor (JSON)")
      ->check(CLI::ExistingFile);
  flag("--report-path", s.report_path,
       "Folder of the WebRTC reports and of webrtc_dashboard.html; made when the first is written");
  flag("--visualization-interval", s.visualization_interval_s,
       "Seconds between two versions of webrtc_dashboard.html; beats the configuration's")
      ->check(CLI::Range(1.0, 86'400.0));
  flag("--metrics-path", s.metrics_path, "Where the Prometheus metrics are")
      ->check([](const std::string& path) {
        return path.starts_with('/') && path.find_first_of("?# ") == std::string::npos &&
                       !path.starts_with("/api")
                   ? std::string()
                   : "must be a path of its own, such as /metrics";
      });
  flag("--disable-metrics", s.disable_metrics, "No Prometheus metrics on the main port");
  flag("--disable-optimization", s.disable_optimization,
       "The monitor looks at connections and changes nothing");
  flag("--disable-auto-quality", s.disable_auto_quality,
       "The quality `auto` is medium, whatever the path does");
  flag("--webrtc-metrics-port", s.webrtc_metrics_port,
       "Port of the WebRTC metrics, on loopback; 0 takes a free one")
      ->check(CLI::Range(0, 65535))
      ->default_str("9090");
  flag("--disable-webrtc-metrics", s.disable_webrtc_metrics,
       "No WebRTC metrics, neither on their port nor on /metrics");
  flag("--ice-server", s.ice_servers,
       "STUN and TURN servers that clients are told: stun:HOST:PORT");
  flag("--turn-secret", s.turn_secret,
       "Secret shared with the TURN servers (coturn's static-auth-secret): credentials for a day");
  flag("--turn-username", s.turn_username, "User name at the TURN servers, without a secret");
  flag("--turn-password", s.turn_password, "Its password");
  flag("--smtp-url", s.smtp_url, "Mail server: smtp://HOST:PORT (STARTTLS) or smtps://HOST:PORT");
  flag("--smtp-from", s.smtp_from,
       "Who letters are from: ada@example.org or Ada <ada@example.org>");
  flag("--smtp-username", s.smtp_username, "User name at the mail server");
  flag("--smtp-password", s.smtp_password, "Its password; better by TELLTALE_SMTP_PASSWORD");
  flag("--smtp-ca", s.smtp_ca, "Who signed the mail server's certificate (PEM); else the system's")
      ->check(CLI::ExistingFile);
  flag("--smtp-plaintext", s.smtp_plaintext, "Send letters without TLS");
  flag("--public-badges", s.public_badges, "Anybody may fetch the badges of servers");
  flag("--no-discover", s.no_discover,
       "Nobody is told what Claude, VS Code, Cursor and Windsurf have configured on this machine");
  flag("--no-presence", s.no_presence,
       "Nobody sees who else is here: no cursors, chat or annotations");
  flag("--presence-mutual", s.presence_mutual, "Who is invisible does not see others");
  flag("--media-folder", s.media_folder, "Files of this folder can be streamed as file:NAME")
      ->check(CLI::ExistingDirectory);
  flag("--drain-seconds", s.drain_seconds, "How long a shutdown waits for calls in flight")
      ->check(CLI::Range(0.0, 600.0));
  serve->set_config("--config", "", "Configuration file (TOML or INI, the flags without dashes)");
  return serve;
}

}  // namespace telltale::app
