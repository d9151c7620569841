#include "app/webrtc_metrics.hpp"

#include <algorithm>

#include "monitor/timeline.hpp"

namespace telltale::app {
namespace {

using exposition::MetricsText;
using monitor::ConnectionFigures;
using monitor::Figures;
using Type = MetricsText::Type;

constexpr std::array<std::string_view, 2> kKinds{"video", "audio"};

// The rest of them in one.
class Other {
 public:
  void add(const ConnectionFigures& one) {
    ++count_;
    out_.detailed = out_.detailed || one.detailed;
    out_.outbound = out_.outbound || one.outbound;
    out_.inbound = out_.inbound || one.inbound;
    out_.video = out_.video || one.video;
    out_.audio = out_.audio || one.audio;
    sum(out_.video_fps, one.video_fps);
    sum(out_.audio_fps, one.audio_fps);
    sum(out_.buffer_frames, one.buffer_frames);
    out_.underruns += one.underruns;
    out_.outbound_kbps += one.outbound_kbps;
    out_.inbound_kbps += one.inbound_kbps;
    out_.outbound_loss_percent += one.outbound_loss_percent;
    out_.inbound_loss_percent += one.inbound_loss_percent;
    out_.jitter_ms += one.jitter_ms;
    buffer_.add(one.buffer_seconds);
    health_.add(one.health);
    quality_.add(one.quality);
    out_.media_latency.add(one.media_latency);
    out_.signaling_latency.add(one.signaling_latency);
    out_.ice_gathered += one.ice_gathered;
    out_.ice_connection.add(one.ice_connection);
    for (std::size_t i = 0; i < out_.abr.size(); ++i) out_.abr[i] += one.abr[i];
    for (const auto& change : one.switches) {
      const auto known = std::ranges::find_if(out_.switches, [&](const auto& at) {
        return at.from == change.from && at.to == change.to;
      });
      if (known == out_.switches.end())
        out_.switches.push_back(change);
      else
        known->count += change.count;
    }
  }
  ConnectionFigures take() {
    out_.id = "other";
    --out_.ice_gathered;  // its own
    const auto count = static_cast<double>(count_);
    out_.outbound_loss_percent /= count;
    out_.inbound_loss_percent /= count;
    out_.jitter_ms /= count;
    out_.buffer_seconds = buffer_.mean();
    if (const auto mean = health_.mean()) out_.health = static_cast<int>(*mean);
    if (const auto mean = quality_.mean()) out_.quality = static_cast<int>(*mean);
    return std::move(out_);
  }

 private:
  struct Mean {
    double sum = 0;
    double count = 0;
    template <class T>
    void add(const std::optional<T>& value) {
      if (!value) return;
      sum += static_cast<double>(*value);
      ++count;
    }
    std::optional<double> mean() const {
      return count > 0 ? std::optional(sum / count) : std::nullopt;
    }
  };
  static void sum(std::optional<double>& to, const std::optional<double>& value) {
    if (value) to = to.value_or(0) + *value;
  }

  ConnectionFigures out_;
  Mean buffer_, health_, quality_;
  std::size_t count_ = 0;
};

class Writer {
 public:
  Writer(MetricsText& out, const Figures& figures) : out_(out), figures_(figures) {}

  template <class Body>
  void each(std::string_view name, Type type, std::string_view help, Body body) {
    out_.family(name, type, help);
    for (const auto& one : figures_.connections) body(one);
  }
  void sample(double value, MetricsText::Labels labels) { out_.sample(value, labels); }

  void frames() {
    const auto counts = [&](std::string_view name, std::string_view help,
                            std::uint64_t monitor::FrameFigures::* figure) {
      out_.family(name, Type::counter, help);
      each_frames([&](std::string_view kind, std::string_view quality, const auto& one) {
        if (one.*figure > 0)
          out_.sample(static_cast<double>(one.*figure), {{"type", kind}, {"quality", quality}});
      });
    };
    counts("webrtc_frames_sent_total", "Frames sent to viewers", &monitor::FrameFigures::sent);
    counts("webrtc_frames_received_total", "Frames received of publishers",
           &monitor::FrameFigures::received);
    out_.family("webrtc_frame_size_bytes", Type::histogram,
                "Size of the frames sent; those between two polls at their mean");
    each_frames([&](std::string_view kind, std::string_view quality, const auto& one) {
      if (one.sent > 0)
        out_.histogram(monitor::kFrameSizeBounds, one.size.counts, one.size.sum,
                       {{"type", kind}, {"quality", quality}});
    });
  }

  void media() {
    each("webrtc_frame_rate", Type::gauge, "Frames a second, as shown where the player tells",
         [&](const ConnectionFigures& one) {
           if (one.video_fps)
             sample(*one.video_fps, {{"connection_id", one.id}, {"type", "video"}});
           if (one.audio_fps)
             sample(*one.audio_fps, {{"connection_id", one.id}, {"type", "audio"}});
         });
    each("webrtc_buffer_level_frames", Type::gauge, "Frames in the player's jitter buffer",
         [&](const ConnectionFigures& one) {
           if (one.buffer_frames)
             sample(*one.buffer_frames, {{"connection_id", one.id}, {"type", "video"}});
         });
    each("webrtc_buffer_level_seconds", Type::gauge, "Seconds in the player's jitter buffer",
         [&](const ConnectionFigures& one) {
           if (one.buffer_seconds)
             sample(*one.buffer_seconds, {{"connection_id", one.id}, {"type", "video"}});
         });
    each("webrtc_buffer_underruns_total", Type::counter,
         "Times that the picture froze or what is read came too late",
         [&](const ConnectionFigures& one) {
           if (one.video)
             sample(static_cast<double>(one.underruns),
                    {{"connection_id", one.id}, {"type", "video"}});
         });
  }

  void network() {
    const auto both = [&](std::string_view name, std::string_view help,
                          double ConnectionFigures::* outbound,
                          double ConnectionFigures::* inbound) {
      each(name, Type::gauge, help, [&](const ConnectionFigures& one) {
        if (!one.detailed) return;
        if (one.outbound)
          sample(one.*outbound, {{"connection_id", one.id}, {"direction", "outbound"}});
        if (one.inbound)
          sample(one.*inbound, {{"connection_id", one.id}, {"direction", "inbound"}});
      });
    };
    using C = ConnectionFigures;
    both("webrtc_bandwidth_kbps", "Media sent or received, kbit/s", &C::outbound_kbps,
         &C::inbound_kbps);
    both("webrtc_packet_loss_percent", "Packets lost on the path", &C::outbound_loss_percent,
         &C::inbound_loss_percent);
    each("webrtc_latency_ms", Type::histogram,
         "Round trip of media at each poll; time until it was connected (signaling)",
         [&](const C& one) {
           if (!one.detailed) return;
           out_.histogram(monitor::kLatencyBounds, one.signaling_latency.counts,
                          one.signaling_latency.sum,
                          {{"connection_id", one.id}, {"type", "signaling"}});
           out_.histogram(monitor::kLatencyBounds, one.media_latency.counts, one.media_latency.sum,
                          {{"connection_id", one.id}, {"type", "media"}});
         });
    each("webrtc_jitter_ms", Type::gauge, "The worst jitter of its streams", [&](const C& one) {
      if (one.detailed)
        sample(one.jitter_ms, {{"connection_id", one.id}, {"type", one.video ? "video" : "audio"}});
    });
  }

  void quality() {
    each("webrtc_video_quality_score", Type::gauge, "How good what is seen is, 0 to 100",
         [&](const ConnectionFigures& one) {
           if (one.quality) sample(*one.quality, {{"connection_id", one.id}});
         });
    each("webrtc_stream_health_score", Type::gauge, "How well the connection does, 0 to 100",
         [&](const ConnectionFigures& one) {
           if (one.health) sample(*one.health, {{"connection_id", one.id}});
         });
    each("webrtc_quality_switches_total", Type::counter, "Changes of rendition",
         [&](const ConnectionFigures& one) {
           for (const auto& change : one.switches)
             sample(change.count, {{"connection_id", one.id},
                                   {"from_quality", monitor::rendition_of(change.from)},
                                   {"to_quality", monitor::rendition_of(change.to)}});
         });
    each("webrtc_abr_switches_total", Type::counter, "The same by their reason",
         [&](const ConnectionFigures& one) {
           for (std::size_t i = 0; i < one.abr.size(); ++i)
             if (one.abr[i] > 0)
               sample(one.abr[i],
                      {{"connection_id", one.id}, {"reason", monitor::kAbrReasonNames[i]}});
         });
  }

  void ice() {
    each("webrtc_ice_gathering_time_ms", Type::histogram,
         "Until all candidates were known: they are when the answer is made",
         [&](const ConnectionFigures& one) {
           monitor::Buckets<7> gathering;
           gathering.record(0, monitor::kIceBounds, one.ice_gathered);
           out_.histogram(monitor::kIceBounds, gathering.counts, gathering.sum,
                          {{"connection_id", one.id}});
         });
    each("webrtc_ice_connection_time_ms", Type::histogram, "Until a path was found",
         [&](const ConnectionFigures& one) {
           out_.histogram(monitor::kIceBounds, one.ice_connection.counts, one.ice_connection.sum,
                          {{"connection_id", one.id}});
         });
  }

 private:
  template <class Body>
  void each_frames(Body body) {
    for (std::size_t kind = 0; kind < kKinds.size(); ++kind)
      for (std::size_t quality = 0; quality < monitor::kQualities; ++quality)
        body(kKinds[kind], monitor::rendition_of(static_cast<std::uint8_t>(quality)),
             figures_.frames[kind][quality]);
  }

  MetricsText& out_;
  const Figures& figures_;
};

}  // namespace

void write_webrtc_metrics(MetricsText& out, Figures figures, const Prefetches& prefetches,
                          std::string_view server_id, std::size_t named) {
  auto& connections = figures.connections;
  if (connections.size() > named) {
    Other other;
    for (auto i = named; i < connections.size(); ++i) other.add(connections[i]);
    connections.resize(named);
    connections.push_back(other.take());
  }
  const MetricsText::Labels server{{"server_id", server_id}};
  const auto one = [&](std::string_view name, Type type, std::string_view help, double value) {
    out.family(name, type, help);
    out.sample(value, server);
  };
  one("webrtc_connections_total", Type::counter, "WebRTC connections that were begun",
      static_cast<double>(figures.connections_total));
  one("webrtc_active_connections", Type::gauge, "WebRTC connections that are connected",
      static_cast<double>(figures.active));
  out.family("webrtc_connection_duration_seconds", Type::histogram,
             "How long connections lived that ended");
  out.histogram(monitor::kDurationBounds, figures.durations.counts, figures.durations.sum, server);
  Writer writer(out, figures);
  writer.frames();
  writer.media();
  writer.network();
  writer.quality();
  out.family("webrtc_prefetch_operations_total", Type::counter,
             "Blocks of content that were fetched ahead");
  out.sample(static_cast<double>(prefetches.succeeded),
             {{"server_id", server_id}, {"success", "true"}});
  out.sample(static_cast<double>(prefetches.failed),
             {{"server_id", server_id}, {"success", "false"}});
  out.family("webrtc_prefetch_latency_ms", Type::histogram, "How long each of these took");
  out.histogram(monitor::kPrefetchBounds, prefetches.latency_ms.counts, prefetches.latency_ms.sum,
                server);
  out.family("webrtc_cpu_usage_percent", Type::gauge,
             "CPU of this process, of all the machine has");
  if (figures.resources_collected) out.sample(figures.cpu_percent, server);
  out.family("webrtc_memory_usage_bytes", Type::gauge, "Resident memory of this process");
  if (figures.resources_collected) out.sample(figures.memory_bytes, server);
  writer.ice();
}

}  // namespace telltale::app
