"""Which names Keras made up: facts from files of every era and from Keras itself."""

from __future__ import annotations

import pytest

from kerastui.model.names import is_auto_named, to_snake_case

AUTOMATIC = [
    ("conv2d_17", "Conv2D"),
    ("dense", "Dense"),
    ("batch_normalization_v1_3", "BatchNormalization"),
    ("batch_normalization_v1_3", "BatchNormalizationV1"),
    ("conv_lst_m2d", "ConvLSTM2D"),  # TensorFlow 2.4
    ("conv_lstm2d_2", "ConvLSTM2D"),  # Keras 3
    ("cu_dnnlstm_2", "CuDNNLSTM"),
    ("p_re_lu_1", "PReLU"),
    ("re_lu", "ReLU"),
    ("convolution2d_3", "Convolution2D"),  # Keras 1 from here
    ("maxpooling2d_1", "MaxPooling2D"),
    ("timedistributed_1", "TimeDistributed"),
    ("separableconvolution2d_1", "SeparableConvolution2D"),
    ("merge_2", "Merge"),
    ("tf.math.add_3", "TFOpLambda"),
    ("tf.__operators__.add", "TFOpLambda"),
    ("tf.__operators__.getitem_1", "SlicingOpLambda"),
    ("tf_op_layer_Add", "TensorFlowOpLayer"),
    ("tf_op_layer_strided_slice_2", "TensorFlowOpLayer"),
    ("input_1", "InputLayer"),
    ("input_layer_2", "InputLayer"),
    ("keras_tensor_3", "InputLayer"),
    ("keras_tensor_3CLONE", "InputLayer"),
    ("dense_1_input", "InputLayer"),
    ("conv2d_input", "InputLayer"),
    ("convolution2d_input_1", "InputLayer"),
    ("sequential_3", "Sequential"),
    ("model_1", "Model"),
    ("model_1", "Functional"),
    ("functional_5", "Functional"),
    ("forward_lstm_1", "LSTM"),
    ("backward_gru", "GRU"),
    ("forward_lstm_1", "LSTM"),
    ("get_item_3", "GetItem"),
    ("my_block_2", "Custom>MyBlock"),
]
CHOSEN = [
    ("conv1", "Conv2D"),
    ("block1_conv1", "Conv2D"),
    ("fc1", "Dense"),
    ("dense_a", "Dense"),
    ("dense_1_x", "Dense"),
    ("dense_1", "Conv2D"),
    ("conv2d_", "Conv2D"),
    ("Dense_1", "Dense"),
    ("image_input", "InputLayer"),
    ("input_image", "InputLayer"),
    ("vgg16", "Functional"),
    ("forward_encoder", "LSTM"),
    ("tf.math.add_3", "Dense"),
    ("", "Dense"),
    ("", ""),
    ("_3", ""),
    ("dense\n", "Dense"),
    ("dense_1\n", "Dense"),
]


@pytest.mark.parametrize(("name", "class_name"), AUTOMATIC)
def test_keras_made_it_up(name: str, class_name: str) -> None:
    assert is_auto_named(name, class_name)


@pytest.mark.parametrize(("name", "class_name"), CHOSEN)
def test_a_person_chose_it(name: str, class_name: str) -> None:
    assert not is_auto_named(name, class_name)


@pytest.mark.parametrize(
    ("class_name", "expected"),
    [
        ("Conv2DTranspose", "conv2d_transpose"),
        ("GlobalAveragePooling2D", "global_average_pooling2d"),
        ("LSTM", "lstm"),
        ("PReLU", "p_re_lu"),
        ("BatchNormalizationV1", "batch_normalization_v1"),
        ("RMSNormalization", "rms_normalization"),
    ],
)
def test_snake_case_is_keras_own(class_name: str, expected: str) -> None:
    assert to_snake_case(class_name) == expected
