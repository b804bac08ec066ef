"""CodeFusion whole: E → N over timesteps → D → H, and its loss.

Source: Singh et al. 2023, "CodeFusion: A pre-trained diffusion model for code generation".
Shapes: B requests, K noisings (or seeds) of each, L target tokens, e embedding, S word pieces.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from model.autoregressive import CausalDecoder
from model.candidates import Candidate, Program
from model.config import ModelConfig
from model.dataset import Batch
from model.decoder import Decoder
from model.denoiser import Denoiser
from model.embedding import TokenEmbedding
from model.encoder import Encoded, Encoder
from model.layers import Context
from model.pointer import symbol_states
from model.scheduler import SqrtScheduler
from model.vocabulary import PAD

PAD_WEIGHT = 0.15
"""Weight of the pads after the first; the first one ends the program and counts in full."""
STALE = 0.4
"""In training, self-conditioning comes from up to this share of the schedule earlier."""
DECODER_NOISE = 0.2
NOISE_BIAS = 1.5


def token_weights(targets: Tensor) -> Tensor:
    """1 for tokens and the first pad, :data:`PAD_WEIGHT` for the pads after it."""
    pad = targets == PAD
    after = pad.cumsum(dim=-1) > 1
    return torch.ones(targets.shape, device=targets.device).masked_fill(after, PAD_WEIGHT)


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """−log p of every token ``(B, K, L)`` of logits ``(B, K, L, V)``; targets ``(B, L)``."""
    wanted = targets[:, None].expand(logits.shape[:-1])
    return functional.cross_entropy(logits.flatten(0, 2), wanted.flatten(), reduction="none").view(
        wanted.shape
    )


def weighted_mean(values: Tensor, weights: Tensor) -> Tensor:
    """Mean of ``(B, K, L)`` under weights ``(B, L)``."""
    return (values * weights[:, None]).sum() / (weights.sum() * values.shape[1])


class RuleModel(nn.Module):
    """What CodeFusion and its peers share: E, the tied L and H, and the call for a loss."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.embedding = TokenEmbedding(config.vocab_size, config.embedding_dim)

    def encode(self, batch: Batch) -> Encoded:
        """E_s of a batch's word pieces."""
        states = self.encoder(batch.input_ids, batch.segment_ids, batch.mask).float()
        return Encoded(states, batch.mask, symbol_states(batch.input_ids, states))

    def loss(self, encoded: Encoded, targets: Tensor, weights: Tensor) -> dict[str, Tensor]:
        """Terms by name, with their sum as ``loss``; targets ``(B, L)``, weights ``(B,)``."""
        raise NotImplementedError

    def greedy(self, encoded: Encoded) -> Tensor:
        """One program a request, ``(B, L)`` int64, from heads that do not sample noise."""
        raise NotImplementedError

    def propose(self, encoded: Encoded, count: int) -> list[list[Candidate]]:
        """Up to ``count`` candidates of every request, from the same heads."""
        raise NotImplementedError

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        """The loss of a batch of requests and programs."""
        return self.loss(self.encode(batch), batch.targets, batch.weights)


class Diffusion(RuleModel):
    """The part that denoises, which CodeFusion and its peer without a decoder share."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        self.denoiser = Denoiser(config)
        self.scheduler = SqrtScheduler(config.num_train_timesteps, config.noise_factor)

    def draw_timesteps(self, batch: int, device: torch.device) -> Tensor:
        """Timesteps ``(B, K)``, stratified over all draws and biased to noise."""
        count = batch * self.config.draws
        strata = torch.randperm(count, device=device) + torch.rand(count, device=device)
        share = 1 - (1 - strata / count) ** NOISE_BIAS
        return (share * self.scheduler.num_train_timesteps).view(batch, self.config.draws)

    def denoise(
        self, x_t: Tensor, timesteps: Tensor, context: Context, previous: Tensor
    ) -> tuple[Tensor, Tensor]:
        """x̂_0 ``(B, K, L, e)`` and the logits over L that it is the mean of."""
        states, pointed = self.denoiser(x_t, timesteps, context, previous)
        logits = self.embedding.logits(states) + pointed
        return self.embedding.mean(logits), logits

    def read(self, x_0: Tensor, encoded: Encoded, logits: Tensor) -> Tensor:
        """Logits ``(B, K, L, V)`` over tokens of the final x̂_0; ``logits`` are N's own."""
        raise NotImplementedError

    def propose(self, encoded: Encoded, count: int) -> list[list[Candidate]]:
        """What is proposed without drawing noise: nothing."""
        return [[] for _ in encoded.states]

    def causal_scores(self, encoded: Encoded, programs: Sequence[Program]) -> list[float]:
        """log p of one request's programs, left to right; 0 where nothing says it."""
        return [0.0] * len(programs)

    def previous_estimate(
        self, x_0: Tensor, timesteps: Tensor, context: Context
    ) -> tuple[Tensor, Tensor]:
        """x̂_0 of an earlier, noisier step for a share of the draws; zeros for the others.

        Beside it what x_t is a noising of: x_0, or for some draws their own x̂_0 from noise alone,
        so that N and D meet their own errors as they do in sampling. Source of the latter: Savinov
        et al. 2022, "Step-unrolled denoising autoencoders for text generation".
        """
        estimate, start = torch.zeros_like(x_0), x_0.clone()
        count = round(self.config.draws * self.config.self_conditioning)
        if count == 0:
            return estimate, start
        chosen = torch.randperm(self.config.draws, device=x_0.device)[:count]
        own = round(count * self.config.unrolled)
        with torch.no_grad():
            clean, after = x_0[:, chosen], timesteps[:, chosen]
            span = self.scheduler.num_train_timesteps - after
            earlier = after + span * STALE * torch.rand_like(after)
            earlier[:, :own] = self.scheduler.num_train_timesteps
            x_t = self.scheduler.add_noise(clean, torch.randn_like(clean), earlier)
            found, _ = self.denoise(x_t, earlier, context, torch.zeros_like(clean))
        estimate[:, chosen] = found
        start[:, chosen[:own]] = found[:, :own]
        return estimate, start

    def denoising_loss(
        self, encoded: Encoded, targets: Tensor, weights: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """x̂_0 and the terms of N.

        ``noise`` is ‖ε − ε̂‖² with ε̂ written through x̂_0 and its weight bounded; ``denoiser`` is
        the cross-entropy of the distribution that x̂_0 is the mean of.
        """
        context = self.denoiser.context(encoded)
        draws = self.config.draws
        x_0 = self.embedding(targets)[:, None].expand(-1, draws, -1, -1)
        timesteps = self.draw_timesteps(len(targets), targets.device)
        previous, start = self.previous_estimate(x_0, timesteps, context)
        x_t = self.scheduler.add_noise(start, torch.randn_like(x_0), timesteps)
        found, logits = self.denoise(x_t, timesteps, context, previous)
        error = (found - x_0).square().mean(-1) * self.scheduler.noise_weight(timesteps)[..., None]
        terms = {
            "noise": weighted_mean(error, weights),
            "denoiser": weighted_mean(cross_entropy(logits, targets), weights),
        }
        return found, terms


class CodeFusion(Diffusion):
    """E, N, D and H, with L tied to H, and a causal decoder on the same E, which proposes."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        self.decoder = Decoder(config)
        self.causal = CausalDecoder(config, config.causal_layers) if config.causal_layers else None

    def decode(self, x_0: Tensor, context: Context) -> tuple[Tensor, Tensor]:
        """D_s ``(B, K, L, e)`` of x̂_0, and H's logits ``(B, K, L, V)`` of it."""
        states, pointed = self.decoder(x_0, context)
        return states.float(), self.embedding.logits(states.float()) + pointed

    def read(self, x_0: Tensor, encoded: Encoded, logits: Tensor) -> Tensor:
        """H's logits ``(B, K, L, V)`` of x̂_0 after one pass of D; N's ``logits`` go unused."""
        return self.decode(x_0, self.decoder.context(encoded))[1]

    def loss(self, encoded: Encoded, targets: Tensor, weights: Tensor) -> dict[str, Tensor]:
        """The paper's three terms, N's cross-entropy and the causal decoder's.

        ``‖ε̂_t − ε_t‖² + ‖D_s − L(y)‖² − log p(y | D_s)``; source: Singh et al. 2023, 3.2.
        """
        token = token_weights(targets) * weights[:, None]
        x_0, terms = self.denoising_loss(encoded, targets, token)
        noised = x_0 + DECODER_NOISE * torch.randn_like(x_0)
        found, logits = self.decode(noised, self.decoder.context(encoded))
        distance = (found - self.embedding(targets)[:, None]).square().mean(-1)
        terms["decoder"] = weighted_mean(distance, token)
        terms["head"] = weighted_mean(cross_entropy(logits, targets), token)
        if self.causal is not None:
            after = self.causal.teacher_logits(encoded, targets[:, None], self.embedding)
            terms["causal"] = weighted_mean(cross_entropy(after, targets), token)
        return {"loss": sum_of(terms), **terms}

    def propose(self, encoded: Encoded, count: int) -> list[list[Candidate]]:
        """A beam of ``count`` by the causal decoder, where there is one."""
        if self.causal is None or count == 0:
            return super().propose(encoded, count)
        return self.causal.beam(encoded, count, self.embedding, self.config.length)

    def causal_scores(self, encoded: Encoded, programs: Sequence[Program]) -> list[float]:
        """log p of one request's programs under the causal decoder, where there is one."""
        if self.causal is None:
            return super().causal_scores(encoded, programs)
        return self.causal.score(encoded, programs, self.embedding, self.config.length)


def sum_of(terms: dict[str, Tensor]) -> Tensor:
    """The sum of the terms."""
    return torch.stack(list(terms.values())).sum()
