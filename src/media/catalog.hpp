// Catalog: what a name stands for: `test`, a live name, or content that the opener finds. One
// playing is shared by all who name it alike; it ends when the last of them has let go. Any thread;
// stop() before it goes.
#pragma once

#include <map>

#include "base/guarded.hpp"
#include "media/live.hpp"
#include "media/reaper.hpp"
#include "media/test_pattern.hpp"

namespace telltale::media {

inline constexpr std::string_view kTestName = "test";
inline constexpr std::size_t kNameMax = 512;  // bytes

struct CatalogSettings {
  LadderSettings ladder = {};
  LaneSettings lanes = {};
  TestPatternSettings test = {};
  std::size_t playings_max = 64;
};

class Catalog {
 public:
  // Says what a name's bytes are, or why not (not_found, invalid_argument). Must not block: that is
  // for the reads of what it gives.
  using Opener = std::function<base::Result<std::unique_ptr<ByteSource>>(const std::string&)>;
  // Told once, here or on a thread of media; it only hands over.
  using Opened = std::move_only_function<void(base::Result<std::shared_ptr<Playing>>)>;

  Catalog(CatalogSettings settings, const base::Clock& clock, Opener opener);
  Catalog(const Catalog&) = delete;
  Catalog& operator=(const Catalog&) = delete;
  ~Catalog() { stop(); }

  // With `own` it is this caller's alone. `opener`: for this time, instead of ours. not_found,
  // invalid_argument (no media in it, and why), unsupported (media we cannot play), unavailable
  // (too many).
  void open(const std::string& name, bool own, Opened done, const Opener& opener = {});
  // conflict: somebody publishes under that name; invalid_argument: not a live name. Who was lost
  // is followed: those who watch go on (Publication::leave), unless the codec is another.
  base::Result<std::unique_ptr<Publication>> publish(const std::string& name, Codec video,
                                                     bool audio, std::function<void()> wants_key);
  std::vector<std::shared_ptr<Playing>> playings() const;
  // What the first to play anything waits for: the codecs' libraries. Blocks; any thread. Else they
  // are loaded when something is opened.
  static base::Result<void> load_codecs();
  // Ends all playings and joins their threads; nothing can be opened after.
  void stop();

 private:
  struct Entry {
    std::weak_ptr<Playing> playing;
    bool opening = false;
    bool live = false;
    std::vector<Opened> waiting;
  };
  struct State {
    std::map<std::string, Entry> shared;
    std::vector<std::weak_ptr<Playing>> all;
    bool stopped = false;
  };
  base::Result<std::shared_ptr<PlayerThread>> make(const std::string& name, const Opener& opener);
  base::Result<void> admit(State& state) const;
  static std::vector<Opened> opened(State& state, const std::string& name, bool good);

  const CatalogSettings settings_;
  const base::Clock& clock_;
  const Opener opener_;
  Reaper reaper_;
  // The threads of playings that open refer to it and not to us.
  const std::shared_ptr<base::Guarded<State>> state_ = std::make_shared<base::Guarded<State>>();
};

}  // namespace telltale::media
