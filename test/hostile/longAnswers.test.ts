import { longAnswers } from './attacks/longAnswers.ts';
import { survive } from './suite.ts';

survive('long answers', longAnswers);
