#include "media/catalog.hpp"

#include <algorithm>

#include "media/ffmpeg.hpp"
#include "media/file_input.hpp"

namespace telltale::media {

namespace {

PlayerSettings player_settings(const std::string& name, const CatalogSettings& settings) {
  return {.name = name, .ladder = settings.ladder, .lanes = settings.lanes};
}

bool plays(const std::weak_ptr<Playing>& weak) {
  const auto playing = weak.lock();
  return playing && !playing->state().ended;
}

}  // namespace

Catalog::Catalog(CatalogSettings settings, const base::Clock& clock, Opener opener)
    : settings_(std::move(settings)), clock_(clock), opener_(std::move(opener)) {}

base::Result<void> Catalog::admit(State& state) const {
  if (state.stopped) return base::fail(base::Code::unavailable, "the server is stopping");
  std::erase_if(state.all, [](const auto& weak) { return weak.expired(); });
  std::erase_if(state.shared, [](const auto& one) {
    return !one.second.opening && one.second.playing.expired();
  });
  if (state.all.size() >= settings_.playings_max)
    return base::fail(base::Code::unavailable, "too many different things are playing");
  return {};
}

base::Result<std::shared_ptr<PlayerThread>> Catalog::make(const std::string& name,
                                                          const Opener& opener) {
  if (name == kTestName)
    return reaper_.adopt(std::make_unique<PlayerThread>(
        [settings = settings_.test](const auto&) -> base::Result<std::unique_ptr<Input>> {
          if (auto loaded = load_ffmpeg(); !loaded) return std::unexpected(loaded.error());
          return std::make_unique<TestPattern>(settings);
        },
        nullptr, player_settings(name, settings_), clock_));
  if (!opener) return base::fail(base::Code::not_found, "there is nothing of this name");
  auto source = opener(name);
  if (!source) return std::unexpected(source.error());
  const std::shared_ptr<ByteSource> shared = std::move(*source);
  // Shared: who cancels may come after the thread has let go of it.
  return reaper_.adopt(std::make_unique<PlayerThread>(
      [shared, &clock = clock_](const CancelFlag& cancelled) {
        return FileInput::open(shared, cancelled, clock);
      },
      [shared] { shared->cancel(); }, player_settings(name, settings_), clock_));
}

std::vector<Catalog::Opened> Catalog::opened(State& state, const std::string& name, bool good) {
  const auto found = state.shared.find(name);
  if (found == state.shared.end()) return {};
  auto waiting = std::exchange(found->second.waiting, {});
  found->second.opening = false;
  if (!good) state.shared.erase(found);
  return waiting;
}

void Catalog::open(const std::string& name, bool own, Opened done, const Opener& opener) {
  if (name.empty() || name.size() > kNameMax)
    return done(base::fail(base::Code::invalid_argument, "a name has 1 to 512 bytes"));
  std::shared_ptr<Playing> there;
  base::Result<void> admitted;
  const bool waits = state_->with([&](State& state) {
    const auto found = state.shared.find(name);
    if (found != state.shared.end() && (!own || found->second.live)) {
      if (found->second.opening) {
        found->second.waiting.push_back(std::move(done));
        return true;
      }
      if (plays(found->second.playing)) {
        there = found->second.playing.lock();
        if (there) return false;
      }
      state.shared.erase(found);
    }
    admitted = admit(state);
    if (admitted && !own) {
      auto& entry = state.shared[name];
      entry.opening = true;
      entry.waiting.push_back(std::move(done));
    }
    return false;
  });
  if (waits) return;
  if (there) return done(std::move(there));
  if (!admitted) return done(std::unexpected(admitted.error()));

  auto made = make(name, opener ? opener : opener_);
  if (!made) {
    if (own) return done(std::unexpected(made.error()));
    for (auto& one : state_->with([&](State& state) { return opened(state, name, false); }))
      one(std::unexpected(made.error()));
    return;
  }
  const auto playing = *made;
  const bool stopped = state_->with([&](State& state) {
    state.all.push_back(playing);
    if (!own) state.shared[name].playing = playing;
    return state.stopped;
  });
  // The thread holds the playing until it has told; its end then is the reaper's business.
  playing->start([state = state_, name, own, playing,
                  done = std::move(done)](base::Result<void> ready) mutable {
    const auto tell = [&](Opened& one) {
      if (ready)
        one(std::shared_ptr<Playing>(playing));
      else
        one(std::unexpected(ready.error()));
    };
    if (own) return tell(done);
    for (auto& one : state->with([&](State& all) { return opened(all, name, ready.has_value()); }))
      tell(one);
  });
  if (stopped) playing->stop();
}

base::Result<std::unique_ptr<Publication>> Catalog::publish(const std::string& name, Codec video,
                                                            bool audio,
                                                            std::function<void()> wants_key) {
  if (name.empty() || name.size() > kNameMax || name == kTestName)
    return base::fail(base::Code::invalid_argument, "nothing can be published under this name");
  if (video == Codec::opus) return base::fail(base::Code::invalid_argument, "Opus is not video");
  // Who watches what cannot go on is told outside the lock.
  std::shared_ptr<LivePlaying> unfit;
  std::string why;
  using Published = base::Result<std::unique_ptr<Publication>>;
  auto published = state_->with([&](State& state) -> Published {
    const auto found = state.shared.find(name);
    if (found != state.shared.end() && (found->second.opening || plays(found->second.playing))) {
      const auto there = std::dynamic_pointer_cast<LivePlaying>(found->second.playing.lock());
      if (!there) return base::fail(base::Code::conflict, "something of this name is playing");
      auto took = there->take_over(video, audio, wants_key);
      if (took) return std::make_unique<Publication>(there, *took);
      if (took.error().code == base::Code::conflict) return std::unexpected(took.error());
      unfit = there;
      why = took.error().detail;
    }
    if (auto admitted = admit(state); !admitted) return std::unexpected(admitted.error());
    const auto playing = reaper_.adopt(std::make_unique<LivePlaying>(name, video, audio, clock_));
    auto took = playing->take_over(video, audio, std::move(wants_key));
    if (!took) return std::unexpected(took.error());
    state.all.push_back(playing);
    state.shared[name] = {.playing = playing, .opening = false, .live = true, .waiting = {}};
    return std::make_unique<Publication>(playing, *took);
  });
  if (published && unfit) unfit->end(why);
  return published;
}

std::vector<std::shared_ptr<Playing>> Catalog::playings() const {
  return state_->with([](const State& state) {
    std::vector<std::shared_ptr<Playing>> out;
    for (const auto& weak : state.all)
      if (auto playing = weak.lock(); playing && playing->ready())
        out.push_back(std::move(playing));
    return out;
  });
}

void Catalog::stop() {
  const auto all = state_->with([](State& state) {
    state.stopped = true;
    return state.all;
  });
  for (const auto& weak : all)
    if (const auto playing = weak.lock()) playing->stop();
  reaper_.stop();
}

base::Result<void> Catalog::load_codecs() {
  return load_ffmpeg();
}

}  // namespace telltale::media
