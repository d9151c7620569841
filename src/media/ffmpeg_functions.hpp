// The functions of FFmpeg that media calls, under their own names. The libraries pull in some
// hundred others, which cost every start 60 ms and 26 MiB, so they are not linked: each name here
// is a pointer that hides the global function for everything in this namespace and that
// load_ffmpeg() (media/ffmpeg.hpp) sets. A call before that ends the process and says so.
#pragma once

#include <vector>

#include "base/error.hpp"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavformat/avformat.h>
#include <libavutil/avstring.h>
#include <libavutil/channel_layout.h>
#include <libavutil/display.h>
#include <libavutil/frame.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
}

// The one place where a name is added. A macro, because dlsym wants the name as text.
#define TELLTALE_AVUTIL(X)     \
  X(av_channel_layout_default) \
  X(av_dict_free)              \
  X(av_dict_set)               \
  X(av_display_rotation_get)   \
  X(av_frame_alloc)            \
  X(av_frame_copy)             \
  X(av_frame_free)             \
  X(av_frame_get_buffer)       \
  X(av_frame_ref)              \
  X(av_frame_remove_side_data) \
  X(av_frame_unref)            \
  X(av_free)                   \
  X(av_freep)                  \
  X(av_log_format_line2)       \
  X(av_log_set_callback)       \
  X(av_malloc)                 \
  X(av_match_list)             \
  X(av_opt_set)                \
  X(av_rescale_q)              \
  X(av_strerror)
#define TELLTALE_SWRESAMPLE(X) \
  X(swr_alloc_set_opts2)       \
  X(swr_convert)               \
  X(swr_free)                  \
  X(swr_get_out_samples)       \
  X(swr_init)
#define TELLTALE_SWSCALE(X) \
  X(sws_freeContext)        \
  X(sws_getCachedContext)   \
  X(sws_getCoefficients)    \
  X(sws_scale)              \
  X(sws_setColorspaceDetails)
#define TELLTALE_AVCODEC(X)        \
  X(av_bsf_alloc)                  \
  X(av_bsf_flush)                  \
  X(av_bsf_free)                   \
  X(av_bsf_get_by_name)            \
  X(av_bsf_init)                   \
  X(av_bsf_receive_packet)         \
  X(av_bsf_send_packet)            \
  X(av_new_packet)                 \
  X(av_packet_alloc)               \
  X(av_packet_clone)               \
  X(av_packet_free)                \
  X(av_packet_get_side_data)       \
  X(av_packet_unref)               \
  X(avcodec_alloc_context3)        \
  X(avcodec_descriptor_get)        \
  X(avcodec_find_decoder)          \
  X(avcodec_find_encoder_by_name)  \
  X(avcodec_flush_buffers)         \
  X(avcodec_free_context)          \
  X(avcodec_open2)                 \
  X(avcodec_parameters_copy)       \
  X(avcodec_parameters_to_context) \
  X(avcodec_receive_frame)         \
  X(avcodec_receive_packet)        \
  X(avcodec_send_frame)            \
  X(avcodec_send_packet)
#define TELLTALE_AVFORMAT(X)      \
  X(av_find_best_stream)          \
  X(av_guess_frame_rate)          \
  X(av_guess_sample_aspect_ratio) \
  X(av_read_frame)                \
  X(av_seek_frame)                \
  X(av_stream_get_side_data)      \
  X(avformat_alloc_context)       \
  X(avformat_close_input)         \
  X(avformat_find_stream_info)    \
  X(avformat_open_input)          \
  X(avformat_seek_file)           \
  X(avio_alloc_context)           \
  X(avio_context_free)
#define TELLTALE_FFMPEG(X) \
  TELLTALE_AVUTIL(X)       \
  TELLTALE_SWRESAMPLE(X) TELLTALE_SWSCALE(X) TELLTALE_AVCODEC(X) TELLTALE_AVFORMAT(X)

namespace telltale::media {

// The names are FFmpeg's, so that its calls read as they do everywhere; what is declared takes no
// parentheses. NOLINTBEGIN(readability-identifier-naming,bugprone-macro-parentheses)
#define TELLTALE_DECLARE(name) extern decltype(&::name) name;
TELLTALE_FFMPEG(TELLTALE_DECLARE)
// NOLINTEND(readability-identifier-naming,bugprone-macro-parentheses)
#undef TELLTALE_DECLARE

struct FfmpegLibrary {
  struct Function {
    const char* name;
    void (*set)(void* function);
  };
  const char* soname;
  std::vector<Function> functions;
};
// Where its functions are, in their order. unavailable: says which library or function is missing.
base::Result<std::vector<void*>> look_up(const FfmpegLibrary& library);

// Part of load_ffmpeg(), which calls it once at a time.
base::Result<void> load_ffmpeg_functions();

}  // namespace telltale::media
