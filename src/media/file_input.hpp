// FileInput: a film or a sound in a container, read through a ByteSource. What fits browsers as it
// is goes out as packets beside what is decoded. The player's thread; cancel through the flag and
// the source.
#pragma once

#include <deque>

#include "media/annexb.hpp"
#include "media/decoders.hpp"
#include "media/demuxer.hpp"
#include "media/input.hpp"

namespace telltale::media {

class FileInput final : public Input {
 public:
  static constexpr std::size_t kProbePackets = 120;  // of video, to see what is passed through
  static constexpr std::size_t kProbeBytes = 8U << 20U;
  static constexpr std::size_t kGroupPackets = 600;  // since the key frame, for a late decoder
  static constexpr std::size_t kGroupBytes = 16U << 20U;
  static constexpr std::uint64_t kErrorsInARow = 500;  // then it is not worth going on
  static constexpr std::int64_t kPassBitrateMax = 8'000'000;

  static base::Result<std::unique_ptr<Input>> open(std::shared_ptr<ByteSource> source,
                                                   CancelFlag cancelled, const base::Clock& clock);
  InputInfo info() const override { return info_; }
  base::Result<bool> read(Wanted wanted, std::vector<Unit>& out) override;
  base::Result<base::Duration> seek(base::Duration to) override;
  void hurry(bool on) override;
  InputStatistics statistics() const override;

 private:
  struct FreeFilter {
    void operator()(AVBSFContext* context) const { av_bsf_free(&context); }
  };
  struct Probed {
    bool reordered = false;
    std::int64_t bitrate_bps = 0;
  };
  explicit FileInput(std::unique_ptr<Demuxer> demuxer) : demuxer_(std::move(demuxer)) {}
  base::Result<void> look();
  base::Result<void> probe_packets(Probed& probed);
  bool fits_browsers(const AVCodecParameters& video, bool reordered) const;
  base::Result<void> open_filter();

  base::Result<AvPacket> next();  // null: the end
  base::Duration time_of(const AVPacket& packet);
  base::Result<void> take_video(const AVPacket& packet, bool wanted, std::vector<Unit>& out);
  base::Result<void> take_sound(const AVPacket& packet, bool wanted, std::vector<Unit>& out);
  void keep_group(const AVPacket& packet);
  void decode_pictures(const AVPacket* packet, std::vector<Unit>& out);
  void decode_sound(const AVPacket* packet, std::vector<Unit>& out);
  void pass_video(const AVPacket& packet, base::Duration at, std::vector<Unit>& out);
  base::Result<void> drain(std::vector<Unit>& out);

  const std::unique_ptr<Demuxer> demuxer_;
  InputInfo info_;
  int quarter_turns_ = 0;
  bool mirrored_ = false;
  std::deque<AvPacket> ahead_;  // read before they are wanted
  std::deque<AvPacket> group_;  // of video since the key frame
  std::size_t group_bytes_ = 0;
  std::optional<PictureDecoder> pictures_;
  std::optional<SoundDecoder> sound_;
  std::unique_ptr<AVBSFContext, FreeFilter> filter_;  // to Annex B
  ParameterSets sets_;
  bool awaits_key_ = true;
  base::Duration last_picture_{}, last_packet_{}, next_sound_{};
  base::Duration show_from_ = base::Duration::min();  // of pictures
  bool hurried_ = false;
  InputStatistics statistics_;
  std::uint64_t closed_errors_ = 0;  // of decoders that are gone
};

}  // namespace telltale::media
