// The WebRTC metrics of contracts.md as Prometheus text: names, types and labels of the programs
// before us. At most kConnectionsNamed connections have series of their own, the oldest; the rest
// is one more, `other`: its counts and rates are sums, its percentages, delays and scores are
// means.
#pragma once

#include "app/content_bytes.hpp"
#include "exposition/metrics_text.hpp"
#include "monitor/figures.hpp"

namespace telltale::app {

inline constexpr std::size_t kConnectionsNamed = 500;

void write_webrtc_metrics(exposition::MetricsText& out, monitor::Figures figures,
                          const Prefetches& prefetches, std::string_view server_id,
                          std::size_t named = kConnectionsNamed);

}  // namespace telltale::app
