// WebRTC put together: media makes frames of the test pattern, of content and of publishers, rtc
// sends them. Part of App; start() on the home loop, stop() before the loops end.
#pragma once

#include <memory>

#include "app/rtc_sources.hpp"
#include "app/settings.hpp"
#include "content/engine.hpp"
#include "exposition/metrics_text.hpp"
#include "rtc/engine.hpp"

namespace telltale::app {

class Webrtc {
 public:
  static base::Result<std::unique_ptr<Webrtc>> open(const ServeSettings& settings,
                                                    runtime::Runtime& runtime,
                                                    content::Library& library,
                                                    runtime::EventSink& events);
  rtc::Engine& engine() noexcept { return *engine_; }
  void metrics(exposition::MetricsText& out) const;

  runtime::TaskResult<bool> start() { return engine_->start(); }
  runtime::Task<> stop();

 private:
  Webrtc(runtime::Runtime& runtime, content::Library& library)
      : sources_(RtcSourcesSettings{}, runtime, library) {}

  RtcSources sources_;
  std::unique_ptr<rtc::Engine> engine_;
};

}  // namespace telltale::app
